package org.veil4j.he.nn;

import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * What a client needs to use a compiled model, and no more: encryption parameters, shapes, input normalisation, and the
 * exact list of evaluation keys. Holds no weights and no secret: it may be published. Immutable.
 */
public final class ClientSpec {
    private static final String FRAME = "SPEC";
    private static final int MAX_CHANNELS = 1 << 16;

    private final RlweParameters parameters;
    private final Fingerprint model;
    private final TensorShape inputShape;
    private final int outputs;
    private final int inputLevel;
    private final double inputScale;
    private final double[] mean;
    private final double[] standardDeviation;
    private final KeyRequest keys;
    private final List<String> notes;

    ClientSpec(
            RlweParameters parameters,
            Fingerprint model,
            TensorShape inputShape,
            int outputs,
            int inputLevel,
            double inputScale,
            double[] mean,
            double[] standardDeviation,
            KeyRequest keys,
            List<String> notes) {
        this.parameters = parameters;
        this.model = model;
        this.inputShape = inputShape;
        this.outputs = outputs;
        this.inputLevel = inputLevel;
        this.inputScale = inputScale;
        this.mean = mean.clone();
        this.standardDeviation = standardDeviation.clone();
        this.keys = keys;
        this.notes = List.copyOf(notes);
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
        return inputShape;
    }

    /** Numbers that an inference gives for each image. */
    public int outputs() {
        return outputs;
    }

    /** Images that one encrypted batch can hold. */
    public int slots() {
        return parameters.n() / 2;
    }

    /** Level of fresh inputs. */
    public int inputLevel() {
        return inputLevel;
    }

    /** Scale of fresh inputs. */
    public double inputScale() {
        return inputScale;
    }

    /** Evaluation keys that the server needs. */
    public KeyRequest keys() {
        return keys;
    }

    /** Remarks for people, such as a softmax that was dropped. */
    public List<String> notes() {
        return notes;
    }

    /** An input element as the network wants it. */
    double normalise(double value, int element) {
        int channel = mean.length == 1 ? 0 : element / (inputShape.height() * inputShape.width());
        return (value - mean[channel]) / standardDeviation[channel];
    }

    /** Writes the specification to a file, which appears complete or not at all. */
    public void write(Path file) throws IOException {
        try (FrameWriter writer = FrameWriter.create(file, FileKind.CLIENT_SPEC, parameters.fingerprint())) {
            writer.beginFrame(FRAME);
            write(writer.out());
            writer.endFrame();
            writer.commit();
        }
    }

    private void write(DataOutput out) throws IOException {
        parameters.write(out);
        model.write(out);
        PlanFormat.writeShape(out, inputShape);
        out.writeInt(outputs);
        out.writeInt(inputLevel);
        out.writeDouble(inputScale);
        PlanFormat.writeDoubles(out, mean);
        PlanFormat.writeDoubles(out, standardDeviation);
        out.writeBoolean(keys.relinearization());
        out.writeBoolean(keys.conjugation());
        out.writeInt(keys.maxLevel());
        out.writeInt(keys.rotations().size());
        for (int r : keys.rotations()) {
            out.writeInt(r);
        }
        out.writeInt(notes.size());
        for (String note : notes) {
            out.writeUTF(note);
        }
    }

    /**
     * Reads a specification.
     *
     * @throws org.veil4j.he.io.CorruptDataException if the file is damaged or of another kind
     */
    public static ClientSpec read(Path file) throws IOException {
        try (FrameReader reader = FrameReader.open(file, FileKind.CLIENT_SPEC)) {
            reader.expectFrame(FRAME);
            ClientSpec spec = read(PlanFormat.readParameters(reader), reader.in());
            reader.in().expectEnd();
            reader.expectEnd();
            return spec;
        }
    }

    private static ClientSpec read(RlweParameters parameters, PayloadReader in) throws IOException {
        Fingerprint model = Fingerprint.read(in);
        TensorShape inputShape = PlanFormat.readShape(in);
        int outputs = in.readInt("outputs", 1, 1 << 26);
        int inputLevel = in.readInt("input level", 1, parameters.maxLevel());
        double inputScale = PlanFormat.readScale(in);
        double[] mean = PlanFormat.readDoubles(in, "means", MAX_CHANNELS);
        double[] deviation = PlanFormat.readDoubles(in, "standard deviations", MAX_CHANNELS);
        if (mean.length != deviation.length || mean.length != 1 && mean.length != inputShape.channels()) {
            throw in.corrupt("normalisation of 1 or " + inputShape.channels() + " channels", mean.length + " means");
        }
        for (double d : deviation) {
            if (!(d > 0)) {
                throw in.corrupt("positive standard deviations", Double.toString(d));
            }
        }
        boolean relinearization = in.readBoolean();
        boolean conjugation = in.readBoolean();
        int keyLevel = in.readInt("key level", -1, parameters.maxLevel());
        TreeSet<Integer> rotations = new TreeSet<>();
        int count = in.readCount("rotations", parameters.n(), 4);
        for (int i = 0; i < count; i++) {
            rotations.add(in.readInt());
        }
        List<String> notes = new ArrayList<>();
        int noteCount = in.readCount("notes", 1000, 2);
        for (int i = 0; i < noteCount; i++) {
            notes.add(in.readUtf(4000));
        }
        KeyRequest keys = new KeyRequest(relinearization, rotations, conjugation, keyLevel);
        return new ClientSpec(
                parameters, model, inputShape, outputs, inputLevel, inputScale, mean, deviation, keys, notes);
    }
}
