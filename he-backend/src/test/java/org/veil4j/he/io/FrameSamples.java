package org.veil4j.he.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Small well-formed files for tests to damage. */
final class FrameSamples {
    private FrameSamples() {}

    /** A header, a frame META of one int, a frame DATA of 4,000 bytes. */
    static byte[] file(FileKind kind, Fingerprint parameters) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (FrameWriter writer = FrameWriter.to(bytes, kind, parameters)) {
            writer.beginFrame("META");
            writer.out().writeInt(1000);
            writer.endFrame();
            writer.beginFrame("DATA");
            for (int i = 0; i < 1000; i++) {
                writer.out().writeInt(i);
            }
            writer.endFrame();
            writer.commit();
        }
        return bytes.toByteArray();
    }
}
