package org.veil4j.he.nn;

import java.io.ByteArrayOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.nn.layout.BatchLayout;
import org.veil4j.he.nn.layout.TensorLayout;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * A network ready to run on encrypted inputs: the server's part. Holds the weights in the clear and no key of any kind.
 * Immutable.
 */
public final class CompiledModel {
    private static final String FRAME = "PLAN";
    private static final String RANGES_FRAME = "RANG";

    private final RlweParameters parameters;
    private final TensorShape inputShape;
    private final Plan plan;
    private final @Nullable ValueRanges ranges;
    private final Fingerprint fingerprint;

    CompiledModel(RlweParameters parameters, TensorShape inputShape, Plan plan, @Nullable ValueRanges ranges) {
        this.parameters = parameters;
        this.inputShape = inputShape;
        this.plan = plan;
        this.ranges = ranges;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.fingerprint = Fingerprint.of(bytes.toByteArray());
    }

    /** Encryption parameters. */
    public RlweParameters parameters() {
        return parameters;
    }

    /** Shape of one input image. */
    public TensorShape inputShape() {
        return inputShape;
    }

    /** Numbers that an inference gives for each image. */
    public int outputs() {
        return plan.outputs();
    }

    /** What is in the slots of an encrypted input. */
    public TensorLayout inputLayout() {
        return new BatchLayout(inputShape, parameters.n() / 2);
    }

    /** What is in the slots of an encrypted result. */
    public TensorLayout outputLayout() {
        return new BatchLayout(TensorShape.vector(outputs()), parameters.n() / 2);
    }

    /** Digest of parameters and weights: what client and server compare. */
    public Fingerprint fingerprint() {
        return fingerprint;
    }

    /**
     * Estimated peak memory of a process that runs this model, in bytes; the same as the compiler's figure. Takes a counted
     * run of the plan, a fraction of a second.
     */
    public long estimatedPeakBytes() {
        return memory().peakBytes();
    }

    /** Bytes that ciphertexts and keys take at the peak of an inference, in the Java heap. Costs as much. */
    public long workingBytes() {
        return memory().workingBytes();
    }

    /** The evaluation keys that an inference uses, each up to its level. Takes a counted run as well. */
    public KeyRequest keys() {
        return PlanCandidate.count(parameters, plan, inputShape.size()).keyRequest();
    }

    private MemoryModel memory() {
        return MemoryModel.of(plan, parameters, inputShape.size(), keys(), Workers.threads());
    }

    /**
     * Refuses a memory budget that is too small for this model.
     *
     * @param budgetBytes what may be used; 0 is no limit
     * @throws MemoryBudgetExceededException with the figure
     */
    public void requireMemory(long budgetBytes) {
        if (budgetBytes > 0) {
            long needed = estimatedPeakBytes();
            if (needed > budgetBytes) {
                throw new MemoryBudgetExceededException(needed, budgetBytes);
            }
        }
    }

    /** How large values become, as the compiler found; null if the file does not say. */
    public @Nullable ValueRanges ranges() {
        return ranges;
    }

    Plan plan() {
        return plan;
    }

    /** Writes the model to a file, which appears complete or not at all. */
    public void write(Path file) throws IOException {
        try (FrameWriter writer = FrameWriter.create(file, FileKind.MODEL, parameters.fingerprint())) {
            writer.beginFrame(FRAME);
            write(writer.out());
            writer.endFrame();
            if (ranges != null) {
                writer.beginFrame(RANGES_FRAME);
                ranges.write(writer.out());
                writer.endFrame();
            }
            writer.commit();
        }
    }

    private void write(DataOutput out) throws IOException {
        parameters.write(out);
        inputShape.write(out);
        PlanFormat.write(out, plan);
    }

    /**
     * Reads a model.
     *
     * @throws org.veil4j.he.io.CorruptDataException if the file is damaged or of another kind
     */
    public static CompiledModel read(Path file) throws IOException {
        try (FrameReader reader = FrameReader.open(file, FileKind.MODEL)) {
            reader.expectFrame(FRAME);
            PayloadReader in = reader.in();
            RlweParameters parameters = PlanFormat.readParameters(reader);
            TensorShape shape = TensorShape.read(in);
            Plan plan = PlanFormat.read(in, shape.size());
            in.expectEnd();
            if (plan.inputLevel() > parameters.maxLevel()) {
                throw in.corrupt("an input level up to " + parameters.maxLevel(), plan.inputLevel() + "");
            }
            ValueRanges ranges = readRanges(reader);
            return new CompiledModel(parameters, shape, plan, ranges);
        }
    }

    /** What follows the plan; not there in files of earlier versions. */
    private static @Nullable ValueRanges readRanges(FrameReader reader) throws IOException {
        String tag = reader.nextFrame();
        if (tag == null) {
            return null;
        }
        if (!tag.equals(RANGES_FRAME)) {
            throw reader.in().corrupt("frame " + RANGES_FRAME, "frame " + tag);
        }
        ValueRanges ranges = ValueRanges.read(reader.in());
        reader.in().expectEnd();
        reader.expectEnd();
        return ranges;
    }
}
