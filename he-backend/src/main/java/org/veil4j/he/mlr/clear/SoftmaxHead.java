package org.veil4j.he.mlr.clear;

import java.io.ByteArrayOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.io.PayloadReader;

/** A trained classifier in the clear: weights, and the preparation of features that they were trained for. Immutable. */
public final class SoftmaxHead {
    /** Most bits that weights are rounded to. */
    public static final int MAX_BITS = 40;

    private static final String FRAME = "HEAD";

    private final FeaturePreparation preparation;
    private final double[][] weights;

    /**
     * A head.
     *
     * @param weights one row a class, each with the bias first and then one weight a feature; must not be changed afterwards
     * @throws IllegalArgumentException if a row has another number of weights than the preparation has features and one
     */
    public SoftmaxHead(FeaturePreparation preparation, double[][] weights) {
        for (double[] row : weights) {
            if (row.length != preparation.features() + 1) {
                throw new IllegalArgumentException(
                        "weights=" + row.length + " in a class: must be " + (preparation.features() + 1));
            }
        }
        this.preparation = preparation;
        this.weights = weights;
    }

    /** Number of classes. */
    public int classes() {
        return weights.length;
    }

    /** Number of features. */
    public int features() {
        return preparation.features();
    }

    /** What is done to features before the weights are applied. */
    public FeaturePreparation preparation() {
        return preparation;
    }

    /** Weights of prepared features, a copy: class, then bias and features. */
    public double[][] weights() {
        double[][] copy = new double[weights.length][];
        for (int c = 0; c < copy.length; c++) {
            copy[c] = weights[c].clone();
        }
        return copy;
    }

    /** One score a class for raw features. */
    public double[] scores(double[] features) {
        return ClearMlr.scores(weights, preparation.apply(features));
    }

    /** Softmax of the scores. */
    public double[] probabilities(double[] features) {
        return softmax(scores(features));
    }

    /** The class with the largest score, the first of them if there are several. */
    public int predict(double[] features) {
        double[] z = scores(features);
        int best = 0;
        for (int c = 1; c < z.length; c++) {
            if (z[c] > z[best]) {
                best = c;
            }
        }
        return best;
    }

    /** Share of rows whose class is predicted. */
    public double accuracy(LabelledFeatures rows) {
        int right = 0;
        for (int r = 0; r < rows.size(); r++) {
            right += predict(rows.row(r)) == rows.label(r) ? 1 : 0;
        }
        return (double) right / rows.size();
    }

    /**
     * The same head with weights rounded to multiples of 2^-bits. Of a head that was trained encrypted this may be published only
     * where the noise is well below that: {@code MlrClient.decrypt} sees to it, this does not.
     *
     * @param bits 0 to 40
     */
    public SoftmaxHead rounded(int bits) {
        if (bits < 0 || bits > MAX_BITS) {
            throw new IllegalArgumentException("bits=" + bits + ": must be 0 to " + MAX_BITS);
        }
        double[][] r = weights();
        for (double[] row : r) {
            for (int k = 0; k < row.length; k++) {
                row[k] = Math.scalb(Math.rint(Math.scalb(row[k], bits)), -bits);
            }
        }
        return new SoftmaxHead(preparation, r);
    }

    /** Largest difference of a weight. */
    public double maxWeightDifference(SoftmaxHead other) {
        double most = 0;
        for (int c = 0; c < weights.length; c++) {
            for (int k = 0; k < weights[c].length; k++) {
                most = Math.max(most, Math.abs(weights[c][k] - other.weights[c][k]));
            }
        }
        return most;
    }

    static double[] softmax(double[] z) {
        double max = Double.NEGATIVE_INFINITY;
        for (double v : z) {
            max = Math.max(max, v);
        }
        double sum = 0;
        double[] p = new double[z.length];
        for (int c = 0; c < p.length; c++) {
            p[c] = Math.exp(z[c] - max);
            sum += p[c];
        }
        for (int c = 0; c < p.length; c++) {
            p[c] /= sum;
        }
        return p;
    }

    /** Writes the head to a file, readable by its owner only: it says much about the training data. */
    public void write(Path file) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        write(new DataOutputStream(bytes));
        try (FrameWriter writer =
                FrameWriter.create(file, FileKind.CLASSIFIER_HEAD, Fingerprint.of(bytes.toByteArray()))) {
            writer.beginFrame(FRAME);
            writer.out().write(bytes.toByteArray());
            writer.endFrame();
            writer.commit();
        }
    }

    private void write(DataOutput out) throws IOException {
        preparation.write(out);
        out.writeInt(weights.length);
        for (double[] row : weights) {
            for (double v : row) {
                out.writeDouble(v);
            }
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws org.veil4j.he.io.CorruptDataException if the file is damaged or of another kind
     */
    public static SoftmaxHead read(Path file) throws IOException {
        try (FrameReader reader = FrameReader.open(file, FileKind.CLASSIFIER_HEAD)) {
            reader.expectFrame(FRAME);
            PayloadReader in = reader.in();
            FeaturePreparation preparation = FeaturePreparation.read(in);
            int width = preparation.features() + 1;
            int classes = in.readCount("classes", 1 << 20, width * Double.BYTES);
            if (classes < 2) {
                throw in.corrupt("at least 2 classes", Integer.toString(classes));
            }
            double[][] weights = new double[classes][width];
            for (double[] row : weights) {
                for (int k = 0; k < width; k++) {
                    row[k] = in.readFinite("weight");
                }
            }
            in.expectEnd();
            reader.expectEnd();
            return new SoftmaxHead(preparation, weights);
        }
    }
}
