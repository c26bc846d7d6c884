package org.veil4j.he.mlr;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.rlwe.Ciphertext;

/** A trained classifier, encrypted. Belongs to one plan and one secret key. Immutable. */
public final class EncryptedHead {
    private final Origin origin;
    private final int iteration;
    private final List<Ciphertext> ciphertexts;

    EncryptedHead(Origin origin, int iteration, List<Ciphertext> ciphertexts) {
        this.origin = origin;
        this.iteration = iteration;
        this.ciphertexts = List.copyOf(ciphertexts);
    }

    /** Fingerprint of the plan. */
    public Fingerprint plan() {
        return origin.plan();
    }

    Origin origin() {
        return origin;
    }

    /** Iterations that it was trained for. */
    public int iteration() {
        return iteration;
    }

    List<Ciphertext> ciphertexts() {
        return ciphertexts;
    }

    /**
     * Writes a file, which appears complete or not at all.
     *
     * @return its bytes
     */
    public long write(Path file) throws IOException {
        Fingerprint parameters = ciphertexts.get(0).parameters().fingerprint();
        try (FrameWriter writer = FrameWriter.create(file, FileKind.ENCRYPTED_HEAD, parameters)) {
            CiphertextFrames.writeHeader(writer, origin, iteration, ciphertexts.size());
            CiphertextFrames.write(writer, ciphertexts);
            writer.commit();
            return writer.bytesWritten();
        }
    }

    /**
     * Reads a file.
     *
     * @throws org.veil4j.he.rlwe.ParameterMismatchException if it belongs to another plan
     * @throws org.veil4j.he.io.CorruptDataException if it is damaged or of another kind
     */
    public static EncryptedHead read(Path file, MlrPlan plan) throws IOException {
        try (FrameReader reader = FrameReader.open(file, FileKind.ENCRYPTED_HEAD)) {
            CiphertextFrames.Header header = CiphertextFrames.readHeader(reader, file, plan, 2);
            int vectors = plan.encoder().weightVectors();
            int iteration = header.numbers().get(0);
            int count = header.numbers().get(1);
            if (count != vectors) {
                throw reader.in().corrupt(vectors + " ciphertexts", Integer.toString(count));
            }
            List<Ciphertext> ciphertexts = new ArrayList<>();
            for (int i = 0; i < vectors; i++) {
                ciphertexts.add(CiphertextFrames.readOne(reader, plan));
            }
            reader.expectEnd();
            return new EncryptedHead(header.origin(), iteration, ciphertexts);
        }
    }
}
