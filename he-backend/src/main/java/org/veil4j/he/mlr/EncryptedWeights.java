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

/**
 * The encrypted state of a run after some iteration: V and W. What is kept to resume an interrupted run, and what travels when
 * weights are refreshed. Belongs to one plan and one secret key. Immutable.
 */
public final class EncryptedWeights {
    private final Origin origin;
    private final int iteration;
    private final List<Ciphertext> ciphertexts;

    EncryptedWeights(Origin origin, int iteration, List<Ciphertext> ciphertexts) {
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

    /** Iterations that are finished. */
    public int iteration() {
        return iteration;
    }

    /** V, then as many of W. */
    List<Ciphertext> ciphertexts() {
        return ciphertexts;
    }

    /** Level of V. */
    int level() {
        return ciphertexts.get(0).level();
    }

    /** The classifier that these are: W alone, at the lowest level. */
    public EncryptedHead head() {
        List<Ciphertext> w = new ArrayList<>();
        for (Ciphertext c : ciphertexts.subList(ciphertexts.size() / 2, ciphertexts.size())) {
            w.add(c.atLevel(0));
        }
        return new EncryptedHead(origin, iteration, w);
    }

    /**
     * Writes a file, which appears complete or not at all.
     *
     * @return its bytes
     */
    public long write(Path file) throws IOException {
        Fingerprint parameters = ciphertexts.get(0).parameters().fingerprint();
        try (FrameWriter writer = FrameWriter.create(file, FileKind.WEIGHTS, parameters)) {
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
    public static EncryptedWeights read(Path file, MlrPlan plan) throws IOException {
        try (FrameReader reader = FrameReader.open(file, FileKind.WEIGHTS)) {
            CiphertextFrames.Header header = CiphertextFrames.readHeader(reader, file, plan, 2);
            int vectors = 2 * plan.encoder().weightVectors();
            int iteration = header.numbers().get(0);
            int count = header.numbers().get(1);
            if (iteration > plan.settings().iterations() || count != vectors) {
                throw reader.in()
                        .corrupt(
                                vectors + " weights after at most "
                                        + plan.settings().iterations() + " iterations",
                                count + " after " + iteration);
            }
            List<Ciphertext> ciphertexts = new ArrayList<>();
            for (int i = 0; i < vectors; i++) {
                ciphertexts.add(CiphertextFrames.readOne(reader, plan));
            }
            reader.expectEnd();
            return new EncryptedWeights(header.origin(), iteration, ciphertexts);
        }
    }
}
