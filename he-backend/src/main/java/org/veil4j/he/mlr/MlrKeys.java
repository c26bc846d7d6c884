package org.veil4j.he.mlr;

import java.io.IOException;
import java.nio.file.Path;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.ParameterMismatchException;

/** The evaluation keys of a training. Public: they go to the server. Belong to one plan and one secret key. Immutable. */
public final class MlrKeys {
    private static final String ORIGIN_FRAME = "ORIG";

    private final Origin origin;
    private final EvaluationKeys keys;

    MlrKeys(Origin origin, EvaluationKeys keys) {
        this.origin = origin;
        this.keys = keys;
    }

    /** Fingerprint of the plan. */
    public Fingerprint plan() {
        return origin.plan();
    }

    /** The keys. */
    public EvaluationKeys keys() {
        return keys;
    }

    Origin origin() {
        return origin;
    }

    /**
     * Writes a file, which appears complete or not at all.
     *
     * @return its bytes
     */
    public long write(Path file) throws IOException {
        try (FrameWriter writer = FrameWriter.create(
                file, FileKind.EVALUATION_KEYS, keys.parameters().fingerprint())) {
            writer.beginFrame(ORIGIN_FRAME);
            origin.write(writer.out());
            writer.endFrame();
            keys.write(writer);
            writer.commit();
            return writer.bytesWritten();
        }
    }

    /**
     * Reads a file.
     *
     * @throws ParameterMismatchException if it belongs to other parameters or another plan
     * @throws org.veil4j.he.io.CorruptDataException if it is damaged or of another kind
     */
    public static MlrKeys read(Path file, MlrPlan plan) throws IOException {
        try (FrameReader reader = FrameReader.open(file, FileKind.EVALUATION_KEYS)) {
            String name = "file " + file.getFileName();
            if (!reader.parameters().equals(plan.rlwe().fingerprint())) {
                throw new ParameterMismatchException(name, plan.rlwe().fingerprint(), reader.parameters());
            }
            reader.expectFrame(ORIGIN_FRAME);
            Origin origin = Origin.read(reader.in(), plan, name);
            reader.in().expectEnd();
            EvaluationKeys keys = EvaluationKeys.read(reader, plan.rlwe());
            reader.expectEnd();
            return new MlrKeys(origin, keys);
        }
    }
}
