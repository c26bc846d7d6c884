package org.veil4j.he.mlr.clear;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The algorithms on plain numbers: what an encrypted run is compared with, and how its settings are chosen. For each iteration
 * it records accuracy, loss and the largest score that the sigmoid saw.
 */
public final class ClearMlr {
    private final MlrSettings settings;
    private final double[][] x;
    private final int[] labels;
    private final int classes;
    private final double[] preconditioner;
    private double[][] w;
    private double[][] v;

    private ClearMlr(MlrSettings settings, double[][] x, int[] labels, int classes) {
        this.settings = settings;
        this.x = x;
        this.labels = labels;
        this.classes = classes;
        if (settings.algorithm() == MlrAlgorithm.SIGMOID_NAG_QUADRATIC) {
            preconditioner = HessianBound.inverse(x);
        } else {
            preconditioner = new double[x[0].length];
            Arrays.fill(preconditioner, 1);
        }
        w = new double[classes][x[0].length];
        for (double[] row : w) {
            Arrays.fill(row, settings.startWeight());
        }
        v = w;
    }

    /**
     * What an iteration led to.
     *
     * @param trainAccuracy share of the training rows that are classified rightly, with the weights W
     * @param testAccuracy the same for the test rows; NaN if there are none
     * @param loss mean over rows of the cross entropy (softmax) or of -sum_c ln|P - 1 + Y| (sigmoid), on the training rows
     * @param maxAbsScore largest magnitude of a score that the sigmoid was applied to in this iteration
     */
    public record Iteration(double trainAccuracy, double testAccuracy, double loss, double maxAbsScore) {}

    /**
     * A finished run.
     *
     * @param head the trained classifier
     * @param iterations one entry an iteration
     * @param weights W after each iteration: iteration, class, feature with the bias first
     */
    public record Run(SoftmaxHead head, List<Iteration> iterations, List<double[][]> weights) {
        /** Largest score of all iterations. */
        public double maxAbsScore() {
            return iterations.stream().mapToDouble(Iteration::maxAbsScore).max().orElse(0);
        }
    }

    /**
     * Trains.
     *
     * @param train every class must be there
     * @param test measured after each iteration; may be null
     * @throws IllegalArgumentException if a class has no row
     */
    public static Run train(
            LabelledFeatures train, @Nullable LabelledFeatures test, Preparation preparation, MlrSettings settings) {
        train.requireEveryClass();
        FeaturePreparation fitted = preparation.fit(train);
        double[][] x = fitted.apply(train);
        int[] labels = new int[x.length];
        for (int r = 0; r < labels.length; r++) {
            labels[r] = train.label(r);
        }
        ClearMlr mlr = new ClearMlr(settings, x, labels, train.classes());
        List<Iteration> iterations = new ArrayList<>();
        List<double[][]> weights = new ArrayList<>();
        for (int t = 1; t <= settings.iterations(); t++) {
            double maxAbsScore = mlr.iterate(t);
            SoftmaxHead head = new SoftmaxHead(fitted, mlr.w);
            iterations.add(new Iteration(
                    head.accuracy(train), test == null ? Double.NaN : head.accuracy(test), mlr.loss(), maxAbsScore));
            weights.add(mlr.w);
        }
        return new Run(new SoftmaxHead(fitted, mlr.w), iterations, weights);
    }

    /** One iteration; arrays that were handed out are not changed. */
    private double iterate(int t) {
        int batches = settings.batches(x.length);
        int batch = (t - 1) % batches;
        double[][] gradient = new double[classes][x[0].length];
        double largest = 0;
        for (int r = settings.batchStart(batch, x.length); r < settings.batchStart(batch + 1, x.length); r++) {
            double[] z = scores(v, x[r]);
            for (double s : z) {
                largest = Math.max(largest, Math.abs(s));
            }
            double[] p = probabilities(z);
            for (int c = 0; c < classes; c++) {
                double residual = (labels[r] == c ? 1 : 0) - p[c];
                for (int k = 0; k < gradient[c].length; k++) {
                    gradient[c][k] += residual * x[r][k];
                }
            }
        }
        double step = settings.steps().step(t);
        double eta = Momentum.eta(t);
        double[][] nextV = new double[classes][x[0].length];
        double[][] nextW = new double[classes][x[0].length];
        for (int c = 0; c < classes; c++) {
            for (int k = 0; k < preconditioner.length; k++) {
                nextV[c][k] = w[c][k] + step * preconditioner[k] * gradient[c][k];
                nextW[c][k] = (1 - eta) * nextV[c][k] + eta * v[c][k];
            }
        }
        v = nextV;
        w = nextW;
        return largest;
    }

    private double[] probabilities(double[] z) {
        double[] p = new double[z.length];
        if (settings.algorithm() == MlrAlgorithm.SOFTMAX_NAG) {
            return SoftmaxHead.softmax(z);
        }
        SigmoidPolynomial polynomial = settings.sigmoid();
        for (int c = 0; c < p.length; c++) {
            p[c] = polynomial == null ? SigmoidPolynomial.sigmoid(z[c]) : polynomial.value(z[c]);
        }
        return p;
    }

    /**
     * What an algorithm minimises, for a head that it or another has trained.
     *
     * @return mean over rows of the cross entropy (softmax) or of -sum_c ln|P - 1 + Y| (sigmoid)
     * @throws IllegalArgumentException if the rows have another number of features, or more classes
     */
    public static double loss(SoftmaxHead head, LabelledFeatures rows, MlrAlgorithm algorithm) {
        if (rows.classes() > head.classes()) {
            throw new IllegalArgumentException("classes=" + rows.classes() + ": must be at most " + head.classes()
                    + ", those of the head; measure it on rows of its own classes");
        }
        double sum = 0;
        for (int r = 0; r < rows.size(); r++) {
            sum += loss(head.scores(rows.row(r)), rows.label(r), algorithm);
        }
        return sum / rows.size();
    }

    private double loss() {
        double sum = 0;
        for (int r = 0; r < x.length; r++) {
            sum += loss(scores(w, x[r]), labels[r], settings.algorithm());
        }
        return sum / x.length;
    }

    private static double loss(double[] z, int label, MlrAlgorithm algorithm) {
        if (algorithm == MlrAlgorithm.SOFTMAX_NAG) {
            return -Math.log(SoftmaxHead.softmax(z)[label]);
        }
        double sum = 0;
        for (int c = 0; c < z.length; c++) {
            // |P - 1 + Y| is P for the right class and 1 - P = sigmoid(-z) for the others.
            sum += Math.log1p(Math.exp(label == c ? -z[c] : z[c]));
        }
        return sum;
    }

    /** Weights times a prepared row. */
    static double[] scores(double[][] weights, double[] row) {
        double[] z = new double[weights.length];
        for (int c = 0; c < z.length; c++) {
            double sum = 0;
            for (int k = 0; k < row.length; k++) {
                sum += weights[c][k] * row[k];
            }
            z[c] = sum;
        }
        return z;
    }
}
