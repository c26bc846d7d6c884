package org.veil4j.he.mlr.encoding;

import java.io.DataOutput;
import java.io.IOException;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.mlr.clear.FeaturePreparation;
import org.veil4j.he.mlr.clear.HessianBound;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.MlrAlgorithm;
import org.veil4j.he.mlr.clear.Preparation;
import org.veil4j.he.mlr.clear.SoftmaxHead;

/**
 * From raw features to the units of an encrypted run, and back from its weights to a head. Each column of the prepared
 * features is multiplied by a factor, so that nothing is above 1 in magnitude: a power of two, and in the diagonal encoding
 * the square root of the Hessian bound's inverse where the quadratic gradient is used (plain NAG on such columns is NAG with
 * quadratic gradient on the others, one level and one ciphertext cheaper). Holds statistics of the training data: it is for
 * the data's owner.
 */
public final class FeatureScaling {
    private final FeaturePreparation preparation;
    private final int boundLog2;
    private final double[] factor;

    private FeatureScaling(FeaturePreparation preparation, int boundLog2, double[] factor) {
        this.preparation = preparation;
        this.boundLog2 = boundLog2;
        this.factor = factor;
    }

    /**
     * Fits preparation, bound and factors on the training rows.
     *
     * @throws IllegalArgumentException if features are so large or so small that squares or inverses are not finite
     */
    public static FeatureScaling fit(
            LabelledFeatures train, Preparation preparation, MlrAlgorithm algorithm, Encoding encoding) {
        FeaturePreparation fitted = preparation.fit(train);
        double[][] x = fitted.apply(train);
        double[] factor = new double[x[0].length];
        boolean fold = algorithm == MlrAlgorithm.SIGMOID_NAG_QUADRATIC && encoding == Encoding.DIAGONAL;
        double[] inverse = fold ? HessianBound.inverse(x) : new double[0];
        double largest = 0;
        for (int k = 0; k < factor.length; k++) {
            factor[k] = inverse.length == 0 ? 1 : Math.sqrt(inverse[k]);
            for (double[] row : x) {
                largest = Math.max(largest, Math.abs(row[k]) * factor[k]);
            }
        }
        int log = Math.getExponent(largest) + (largest == Math.scalb(1.0, Math.getExponent(largest)) ? 0 : 1);
        for (int k = 0; k < factor.length; k++) {
            factor[k] = Math.scalb(factor[k], -log);
        }
        return new FeatureScaling(fitted, log, factor);
    }

    /** log2 of the bound that columns were divided by. */
    public int boundLog2() {
        return boundLog2;
    }

    /** By what prepared features of a column are multiplied, and weights divided; 0 for a column that is always 0. */
    public double factor(int column) {
        return factor[column];
    }

    /** Rows in scaled units, the constant one first. */
    public double[][] apply(LabelledFeatures rows) {
        double[][] x = preparation.apply(rows);
        for (double[] row : x) {
            for (int k = 0; k < row.length; k++) {
                row[k] *= factor[k];
            }
        }
        return x;
    }

    /** Weights in scaled units that all stand for the same weight; columns that are always 0 get 0. */
    public double[][] startWeights(int classes, double weight) {
        double[][] w = new double[classes][factor.length];
        for (double[] row : w) {
            for (int k = 0; k < row.length; k++) {
                row[k] = factor[k] == 0 ? 0 : weight / factor[k];
            }
        }
        return w;
    }

    /** The head that weights in scaled units stand for; columns that are always 0 keep the start weight. */
    public SoftmaxHead head(double[][] scaled, double startWeight) {
        double[][] w = new double[scaled.length][factor.length];
        for (int c = 0; c < w.length; c++) {
            for (int k = 0; k < factor.length; k++) {
                w[c][k] = factor[k] == 0 ? startWeight : scaled[c][k] * factor[k];
            }
        }
        return new SoftmaxHead(preparation, w);
    }

    /** Writes this to a file of its owner's: statistics of the data. */
    public void write(DataOutput out) throws IOException {
        preparation.write(out);
        out.writeInt(boundLog2);
        for (double f : factor) {
            out.writeDouble(f);
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws org.veil4j.he.io.CorruptDataException if it is damaged
     */
    public static FeatureScaling read(PayloadReader in) throws IOException {
        FeaturePreparation preparation = FeaturePreparation.read(in);
        int log = in.readInt("bound", -1000, 1000);
        double[] factor = new double[preparation.features() + 1];
        for (int k = 0; k < factor.length; k++) {
            factor[k] = in.readFinite("factor");
        }
        return new FeatureScaling(preparation, log, factor);
    }
}
