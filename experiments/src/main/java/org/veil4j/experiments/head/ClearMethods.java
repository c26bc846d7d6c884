package org.veil4j.experiments.head;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.veil4j.he.mlr.clear.ClearMlr;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.MlrAlgorithm;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.Preparation;
import org.veil4j.he.mlr.clear.StepSchedule;

/** The paper's three methods in the clear, with the sigmoid itself, on the rows and preparation of an experiment. */
public final class ClearMethods {
    private static final int POWER_ITERATIONS = 40;
    private static final double GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;

    private ClearMethods() {}

    /**
     * A method.
     *
     * @param name for people
     * @param run its iterations
     */
    public record Method(String name, ClearMlr.Run run) {}

    /**
     * Runs all three.
     *
     * @param settings of the experiment: its iterations, start weight and batches. Steps are the textbook's: 1/L for the two
     *     plain methods, L being the largest curvature of their loss, and the paper's for the quadratic gradient. (Those of the
     *     experiment are for a polynomial, which is flatter than the sigmoid around zero: with the sigmoid they overshoot.)
     */
    public static List<Method> run(HeadData data, Preparation preparation, MlrSettings settings) {
        // The second derivative of the softmax loss is at most 1/2 of X^T X, that of the sigmoid loss 1/4 of it.
        double curvature = largestEigenvalue(preparation.fit(data.train()).apply(data.train()));
        List<Method> methods = new ArrayList<>();
        methods.add(method("NAG, softmax", MlrAlgorithm.SOFTMAX_NAG, 2 / curvature, data, preparation, settings));
        methods.add(method("NAG, sigmoid", MlrAlgorithm.SIGMOID_NAG, 4 / curvature, data, preparation, settings));
        methods.add(new Method(
                "quadratic gradient",
                train(
                        data,
                        preparation,
                        settings,
                        MlrAlgorithm.SIGMOID_NAG_QUADRATIC,
                        StepSchedule.paper(
                                MlrAlgorithm.SIGMOID_NAG_QUADRATIC, data.train().size()))));
        return methods;
    }

    private static Method method(
            String name,
            MlrAlgorithm algorithm,
            double step,
            HeadData data,
            Preparation preparation,
            MlrSettings settings) {
        return new Method(name, train(data, preparation, settings, algorithm, new StepSchedule(step, 0)));
    }

    private static ClearMlr.Run train(
            HeadData data, Preparation preparation, MlrSettings settings, MlrAlgorithm algorithm, StepSchedule steps) {
        LabelledFeatures measured = data.measured();
        return ClearMlr.train(
                data.train(),
                measured,
                preparation,
                new MlrSettings(
                        algorithm, settings.iterations(), steps, null, settings.startWeight(), settings.batchRows()));
    }

    /**
     * Of X^T X, by the power method; a little too small at worst, which steps of 1/L forgive. If the start is orthogonal to every
     * row, it is their sum of squares, which is no smaller.
     */
    static double largestEigenvalue(double[][] x) {
        double[] v = start(x[0].length);
        double value = 0;
        for (int i = 0; i < POWER_ITERATIONS; i++) {
            double[] next = new double[v.length];
            for (double[] row : x) {
                double dot = 0;
                for (int k = 0; k < v.length; k++) {
                    dot += row[k] * v[k];
                }
                for (int k = 0; k < v.length; k++) {
                    next[k] += dot * row[k];
                }
            }
            double length = norm(next);
            if (length == 0) {
                return Arrays.stream(x)
                        .mapToDouble(row -> norm(row) * norm(row))
                        .sum();
            }
            value = length / norm(v);
            double scale = 1 / length;
            for (int k = 0; k < v.length; k++) {
                v[k] = next[k] * scale;
            }
        }
        return value;
    }

    /** Without symmetry, so that features and the constant one, which may cancel in a sum, do not here. */
    private static double[] start(int length) {
        double[] v = new double[length];
        for (int k = 0; k < length; k++) {
            double turns = (k + 1) * GOLDEN_RATIO;
            v[k] = 1 + turns - Math.floor(turns);
        }
        return v;
    }

    private static double norm(double[] v) {
        double sum = 0;
        for (double a : v) {
            sum += a * a;
        }
        return Math.sqrt(sum);
    }
}
