package org.veil4j.he.nn;

import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.nn.layout.BatchLayout;
import org.veil4j.he.nn.layout.TensorLayout;
import org.veil4j.he.nn.plan.Fields;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * What a client needs to use a compiled model, and no more: encryption parameters, shapes, input normalisation, and the
 * exact list of evaluation keys. Holds no weights and no secret: it may be published. Immutable.
 */
public final class ClientSpec {
    private static final String FRAME = "SPC2";
    /** Of files of earlier versions: one level for all keys. */
    private static final String OLD_FRAME = "SPEC";

    private static final String LIMITS_FRAME = "RANG";
    /** Layouts of input and result, where one is not the batch layout. */
    private static final String LAYOUT_FRAME = "LAYT";
    /** Published results are multiples of this many times the largest error to be expected, as a power of two. */
    private static final int PUBLISHED_MARGIN_BITS = 3;
    /** More bits than doubles of moderate size have are of no use. */
    private static final int MAX_PUBLISHED_BITS = 40;

    private static final int MAX_CHANNELS = 1 << 16;

    private final RlweParameters parameters;
    private final Fingerprint model;
    private final TensorLayout inputLayout;
    private final TensorLayout outputLayout;
    private final int inputLevel;
    private final double inputScale;
    private final double[] mean;
    private final double[] standardDeviation;
    private final KeyRequest keys;
    private final List<String> notes;
    private final ClientLimits limits;
    private final InputNormaliser normaliser;

    ClientSpec(
            RlweParameters parameters,
            Fingerprint model,
            TensorLayout inputLayout,
            TensorLayout outputLayout,
            int inputLevel,
            double inputScale,
            double[] mean,
            double[] standardDeviation,
            KeyRequest keys,
            List<String> notes,
            ClientLimits limits) {
        this.parameters = parameters;
        this.model = model;
        this.inputLayout = inputLayout;
        this.outputLayout = outputLayout;
        this.inputLevel = inputLevel;
        this.inputScale = inputScale;
        this.mean = mean.clone();
        this.standardDeviation = standardDeviation.clone();
        this.keys = keys;
        this.notes = List.copyOf(notes);
        this.limits = limits;
        this.normaliser = InputNormaliser.of(
                this.mean, this.standardDeviation, inputLayout.shape(), limits.inputLow(), limits.inputHigh());
    }

    /** Encryption parameters. */
    public RlweParameters parameters() {
        return parameters;
    }

    /** Fingerprint of the compiled model that this belongs to. */
    public Fingerprint model() {
        return model;
    }

    /** Shape of one input image. */
    public TensorShape inputShape() {
        return inputLayout.shape();
    }

    /** Numbers that an inference gives for each image. */
    public int outputs() {
        return outputLayout.shape().size();
    }

    /** What is in the slots of an encrypted input. */
    public TensorLayout inputLayout() {
        return inputLayout;
    }

    /** What is in the slots of an encrypted result. */
    public TensorLayout outputLayout() {
        return outputLayout;
    }

    /** Images that one encrypted batch can hold. */
    public int images() {
        return inputLayout.images();
    }

    /** Level of fresh inputs. */
    public int inputLevel() {
        return inputLevel;
    }

    /** Scale of fresh inputs. */
    public double inputScale() {
        return inputScale;
    }

    /** Bytes that one encrypted batch takes in memory. */
    public long batchBytes() {
        return 16L * parameters.n() * (inputLevel + 1) * inputLayout.ciphertexts();
    }

    /** Evaluation keys that the server needs. */
    public KeyRequest keys() {
        return keys;
    }

    /** Remarks for people, such as a softmax that was dropped. */
    public List<String> notes() {
        return notes;
    }

    /** Least input element that is accepted, before normalisation; negative infinity where nothing is refused. */
    public double inputLow() {
        return limits.inputLow();
    }

    /** Largest input element that is accepted, before normalisation; infinity where nothing is refused. */
    public double inputHigh() {
        return limits.inputHigh();
    }

    /** Largest result that can be decrypted: a larger one wraps around. Infinity where the file does not say. */
    public double outputCapacity() {
        return limits.outputCapacity();
    }

    /**
     * Bits behind the binary point that results are expected to have right, at least; see {@link ValueRanges}. Negative
     * infinity where nothing is known.
     */
    public double estimatedPrecisionBits() {
        return limits.estimatedPrecisionBits();
    }

    /**
     * Bits behind the binary point with which results may be published: multiples of 2^-bits are at least eight times the
     * largest error to be expected, so that next to nothing of the key-dependent noise is left in them. Below zero: not even
     * whole numbers.
     */
    public int publishableBits() {
        return publishableBits(limits.estimatedPrecisionBits());
    }

    /** The same for results of any precision. */
    static int publishableBits(double precisionBits) {
        double bits = Math.floor(precisionBits) - PUBLISHED_MARGIN_BITS;
        return (int) Math.max(Integer.MIN_VALUE, Math.min(MAX_PUBLISHED_BITS, bits));
    }

    /**
     * Refuses to publish results of unknown precision.
     *
     * @throws IllegalStateException if the precision is unknown, or too low for whole numbers
     */
    public void requirePublishable() {
        if (publishableBits() < 0) {
            throw new IllegalStateException("estimatedPrecisionBits=" + estimatedPrecisionBits()
                    + ": too few to publish results with; compile the network with sample images, which show what"
                    + " precision it really has, or publish predicted classes only");
        }
    }

    /**
     * Whether results of an image are suspiciously large: above half of what can be decrypted, or not finite. What is larger
     * than can be decrypted wraps around, and takes all images of its batch with it: up to one and a half times of that it
     * always looks suspicious, beyond it may not.
     */
    public boolean nearCapacity(double[] outputs) {
        for (double x : outputs) {
            if (!(Math.abs(x) <= limits.outputCapacity() / 2)) {
                return true;
            }
        }
        return false;
    }

    InputNormaliser normaliser() {
        return normaliser;
    }

    /** Writes the specification to a file, which appears complete or not at all. */
    public void write(Path file) throws IOException {
        try (FrameWriter writer = FrameWriter.create(file, FileKind.CLIENT_SPEC, parameters.fingerprint())) {
            writer.beginFrame(FRAME);
            write(writer.out());
            writer.endFrame();
            writer.beginFrame(LIMITS_FRAME);
            limits.write(writer.out());
            writer.endFrame();
            if (!inputLayout.isBatch() || !outputLayout.isBatch()) {
                writer.beginFrame(LAYOUT_FRAME);
                inputLayout.write(writer.out());
                outputLayout.write(writer.out());
                writer.endFrame();
            }
            writer.commit();
        }
    }

    private void write(DataOutput out) throws IOException {
        parameters.write(out);
        model.write(out);
        inputLayout.shape().write(out);
        out.writeInt(outputs());
        out.writeInt(inputLevel);
        out.writeDouble(inputScale);
        Fields.writeDoubles(out, mean);
        Fields.writeDoubles(out, standardDeviation);
        keys.write(out, parameters);
        out.writeInt(notes.size());
        for (String note : notes) {
            out.writeUTF(Fields.shortened(note));
        }
    }

    /**
     * Reads a specification.
     *
     * @throws org.veil4j.he.io.CorruptDataException if the file is damaged or of another kind
     */
    public static ClientSpec read(Path file) throws IOException {
        try (FrameReader reader = FrameReader.open(file, FileKind.CLIENT_SPEC)) {
            String tag = reader.nextFrame();
            boolean old = OLD_FRAME.equals(tag);
            if (!old && !FRAME.equals(tag)) {
                throw reader.in().corrupt("frame " + FRAME, tag == null ? "the end" : "frame " + tag);
            }
            return read(Fields.readParameters(reader), reader.in(), reader, old);
        }
    }

    /** What follows the specification; not there in files of earlier versions. */
    private record Rest(ClientLimits limits, TensorLayout input, TensorLayout output) {
        static Rest read(FrameReader reader, TensorLayout input, TensorLayout output) throws IOException {
            String tag = reader.nextFrame();
            if (tag == null) {
                return new Rest(ClientLimits.UNKNOWN, input, output);
            }
            if (!tag.equals(LIMITS_FRAME)) {
                throw reader.in().corrupt("frame " + LIMITS_FRAME, "frame " + tag);
            }
            ClientLimits limits = ClientLimits.read(reader.in());
            reader.in().expectEnd();
            tag = reader.nextFrame();
            if (tag == null) {
                return new Rest(limits, input, output);
            }
            if (!tag.equals(LAYOUT_FRAME)) {
                throw reader.in().corrupt("frame " + LAYOUT_FRAME, "frame " + tag);
            }
            Rest rest = new Rest(limits, readLayout(reader, input), readLayout(reader, output));
            if (rest.input.images() != rest.output.images()) {
                throw reader.in().corrupt("results of " + rest.input.images() + " images", rest.output.images() + "");
            }
            reader.in().expectEnd();
            reader.expectEnd();
            return rest;
        }

        private static TensorLayout readLayout(FrameReader reader, TensorLayout batch) throws IOException {
            TensorLayout layout = TensorLayout.read(reader.in(), batch.slots());
            if (!layout.shape().equals(batch.shape())) {
                throw reader.in()
                        .corrupt("a layout of " + batch.shape(), layout.shape().toString());
            }
            return layout;
        }
    }

    private static KeyRequest readOldKeys(PayloadReader in, RlweParameters parameters) throws IOException {
        boolean relinearization = in.readBoolean();
        boolean conjugation = in.readBoolean();
        int stored = in.readInt("key level", -1, parameters.maxLevel());
        int level = stored < 0 ? parameters.maxLevel() : stored;
        KeyRequest keys = relinearization ? KeyRequest.none().withRelinearization(level) : KeyRequest.none();
        keys = conjugation ? keys.withConjugation(level) : keys;
        List<Integer> rotations = new ArrayList<>();
        int count = in.readCount("rotations", parameters.n(), 4);
        for (int i = 0; i < count; i++) {
            rotations.add(in.readInt());
        }
        return keys.withRotations(rotations, level);
    }

    private static ClientSpec read(RlweParameters parameters, PayloadReader in, FrameReader reader, boolean old)
            throws IOException {
        Fingerprint model = Fingerprint.read(in);
        TensorShape inputShape = TensorShape.read(in);
        int outputs = in.readInt("outputs", 1, 1 << 26);
        int inputLevel = in.readInt("input level", 1, parameters.maxLevel());
        double inputScale = Fields.readScale(in);
        double[] mean = Fields.readDoubles(in, "means", MAX_CHANNELS);
        double[] deviation = Fields.readDoubles(in, "standard deviations", MAX_CHANNELS);
        if (mean.length != deviation.length || mean.length != 1 && mean.length != inputShape.channels()) {
            throw in.corrupt("normalisation of 1 or " + inputShape.channels() + " channels", mean.length + " means");
        }
        for (double d : deviation) {
            if (!(d > 0)) {
                throw in.corrupt("positive standard deviations", Double.toString(d));
            }
        }
        KeyRequest keys = old ? readOldKeys(in, parameters) : KeyRequest.read(in, parameters);
        List<String> notes = new ArrayList<>();
        int noteCount = in.readCount("notes", 1000, 2);
        for (int i = 0; i < noteCount; i++) {
            notes.add(in.readUtf(16_000));
        }
        in.expectEnd();
        int slots = parameters.n() / 2;
        Rest rest = Rest.read(
                reader, new BatchLayout(inputShape, slots), new BatchLayout(TensorShape.vector(outputs), slots));
        return new ClientSpec(
                parameters,
                model,
                rest.input,
                rest.output,
                inputLevel,
                inputScale,
                mean,
                deviation,
                keys,
                notes,
                rest.limits);
    }
}
