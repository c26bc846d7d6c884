package org.veil4j.he.mlr;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.mlr.encoding.MlrEncoding;
import org.veil4j.he.rlwe.Ciphertext;

/** Encrypted features and labels, and the start weights if they are not zero. Belongs to one plan and one secret key. Immutable. */
public final class EncryptedDataset {
    private final Origin origin;
    private final List<Ciphertext> ciphertexts;
    private final List<Ciphertext> start;

    EncryptedDataset(Origin origin, List<Ciphertext> ciphertexts, List<Ciphertext> start) {
        this.origin = origin;
        this.ciphertexts = List.copyOf(ciphertexts);
        this.start = List.copyOf(start);
    }

    /** Fingerprint of the plan that this was encrypted for. */
    public Fingerprint plan() {
        return origin.plan();
    }

    Origin origin() {
        return origin;
    }

    /** Number of ciphertexts, those of start weights included. */
    public int count() {
        return ciphertexts.size() + start.size();
    }

    List<Ciphertext> ciphertexts() {
        return ciphertexts;
    }

    /** V, then W: the same ciphertexts. */
    List<Ciphertext> start() {
        List<Ciphertext> both = new ArrayList<>(start);
        both.addAll(start);
        return both;
    }

    /** Bytes in memory. */
    public long sizeBytes() {
        return ciphertexts.stream().mapToLong(Ciphertext::sizeBytes).sum()
                + start.stream().mapToLong(Ciphertext::sizeBytes).sum();
    }

    /**
     * Writes a file, which appears complete or not at all.
     *
     * @return its bytes
     */
    public long write(Path file) throws IOException {
        Fingerprint parameters = ciphertexts.get(0).parameters().fingerprint();
        try (FrameWriter writer = FrameWriter.create(file, FileKind.FEATURES, parameters)) {
            CiphertextFrames.writeHeader(writer, origin, ciphertexts.size(), start.size());
            CiphertextFrames.write(writer, ciphertexts);
            CiphertextFrames.write(writer, start);
            writer.commit();
            return writer.bytesWritten();
        }
    }

    /**
     * Reads a file.
     *
     * @throws org.veil4j.he.rlwe.ParameterMismatchException if it was encrypted for another plan
     * @throws org.veil4j.he.io.CorruptDataException if it is damaged or of another kind
     */
    public static EncryptedDataset read(Path file, MlrPlan plan) throws IOException {
        try (FrameReader reader = FrameReader.open(file, FileKind.FEATURES)) {
            CiphertextFrames.Header header = CiphertextFrames.readHeader(reader, file, plan, 2);
            MlrEncoding encoding = plan.encoder();
            List<Ciphertext> data = CiphertextFrames.read(
                    reader, plan, encoding.datasetShapes(), header.numbers().get(0));
            List<Ciphertext> start = CiphertextFrames.read(
                    reader, plan, plan.startShapes(), header.numbers().get(1));
            reader.expectEnd();
            return new EncryptedDataset(header.origin(), data, start);
        }
    }
}
