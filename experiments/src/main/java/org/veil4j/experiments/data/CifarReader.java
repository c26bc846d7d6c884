package org.veil4j.experiments.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Reads CIFAR-10's binary batches: 10,000 records of one label byte and 3,072 bytes (channels first). */
final class CifarReader {
    static final int RECORDS = 10_000;
    private static final int PIXELS = 3 * 32 * 32;
    private static final int CLASSES = 10;

    private CifarReader() {}

    /** Appends the records of one file to the lists. The name is for messages. */
    static void read(InputStream in, String name, List<byte[]> images, List<Integer> labels) throws IOException {
        try (BufferedInputStream data = new BufferedInputStream(in, 1 << 16)) {
            for (int i = 0; i < RECORDS; i++) {
                int label = data.read();
                byte[] image = label < 0 ? new byte[0] : data.readNBytes(PIXELS);
                if (image.length < PIXELS) {
                    throw new DataFileException(name + ": ends in record " + i + " of " + RECORDS
                            + ": the file is truncated; fetch it again");
                }
                if (label >= CLASSES) {
                    throw new DataFileException(name + ": label " + i + " is " + label
                            + ": must be in 0..9; the file is damaged or not CIFAR-10's binary version");
                }
                images.add(image);
                labels.add(label);
            }
            if (data.read() >= 0) {
                throw new DataFileException(name + ": holds more than " + RECORDS
                        + " records; is this CIFAR-10's binary version (not CIFAR-100)?");
            }
        }
    }
}
