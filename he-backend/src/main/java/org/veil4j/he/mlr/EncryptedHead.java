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

/** A trained classifier, encrypted. Belongs to one plan. Immutable. */
public final class EncryptedHead {
    private final Fingerprint plan;
    private final int iteration;
    private final List<Ciphertext> ciphertexts;

    EncryptedHead(Fingerprint plan, int iteration, List<Ciphertext> ciphertexts) {
        this.plan = plan;
        this.iteration = iteration;
        this.ciphertexts = List.copyOf(ciphertexts);
    }

    /** Fingerprint of the plan. */
    public Fingerprint plan() {
        return plan;
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
            CiphertextFrames.writeHeader(writer, plan, iteration, ciphertexts.size());
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
            int[] header = CiphertextFrames.readHeader(reader, file, plan, 2);
            int vectors = plan.encoder().weightVectors();
            if (header[1] != vectors) {
                throw reader.in().corrupt(vectors + " ciphertexts", Integer.toString(header[1]));
            }
            List<Ciphertext> ciphertexts = new ArrayList<>();
            for (int i = 0; i < vectors; i++) {
                ciphertexts.add(CiphertextFrames.readOne(reader, plan));
            }
            reader.expectEnd();
            return new EncryptedHead(plan.fingerprint(), header[0], ciphertexts);
        }
    }
}
