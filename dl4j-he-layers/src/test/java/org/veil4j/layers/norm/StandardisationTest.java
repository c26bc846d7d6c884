package org.veil4j.layers.norm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class StandardisationTest {
    private static final int OUTPUTS = 3;

    @Test
    void squaredNormOfPullBack_anyGradient_isThatOfPullBack() {
        SplittableRandom random = new SplittableRandom(5);
        for (int fanIn : new int[] {1, 2, 9, 27, 144}) {
            for (double eps : new double[] {1e-12, 1e-5, 1}) {
                Standardisation s = standardisation(random, fanIn, eps);
                double[] gradient = new double[2 + s.weights()];
                for (int i = 0; i < gradient.length; i++) {
                    gradient[i] = random.nextGaussian();
                }
                assertMatches(s, gradient, 2);
            }
        }
    }

    /** Nearly all of these gradients is projected away, so a difference of large sums would keep no digits. */
    @Test
    void squaredNormOfPullBack_gradientNearlyConstantOrAlongTheWeights_keepsItsDigits() {
        SplittableRandom random = new SplittableRandom(6);
        int fanIn = 36;
        Standardisation s = standardisation(random, fanIn, 1e-5);
        double[] weights = new double[s.weights()];
        s.effective(weights);
        double[] constant = new double[s.weights()];
        double[] along = new double[s.weights()];
        for (int i = 0; i < s.weights(); i++) {
            constant[i] = 1e5 + random.nextGaussian();
            along[i] = 1e5 * weights[i] + random.nextGaussian();
        }
        assertMatches(s, constant, 0);
        // Here the gradient of the gain is part of the norm, and the largest: take it off.
        double[] gains = new double[OUTPUTS];
        double[] pulled = along.clone();
        s.pullBack(pulled, 0, gains, 0);
        assertThat(s.squaredNormOfPullBack(along, 0) - squares(gains, 0))
                .isCloseTo(squares(pulled, 0), Percentage.withPercentage(1e-2));
    }

    @Test
    void squaredNormOfPullBack_notFinite_isNotFinite() {
        Standardisation s = standardisation(new SplittableRandom(7), 9, 1e-5);
        double[] gradient = new double[s.weights()];
        gradient[4] = Double.NaN;
        assertThat(s.squaredNormOfPullBack(gradient, 0)).isNaN();
        gradient[4] = Double.POSITIVE_INFINITY;
        assertThat(Double.isFinite(s.squaredNormOfPullBack(gradient, 0))).isFalse();
    }

    private static Standardisation standardisation(SplittableRandom random, int fanIn, double eps) {
        Standardisation s = new Standardisation(OUTPUTS, fanIn, eps);
        double[] raw = new double[s.weights()];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = 0.3 + random.nextGaussian();
        }
        s.set(raw, new double[] {1, -0.5, 2});
        return s;
    }

    private static void assertMatches(Standardisation s, double[] gradient, int at) {
        double[] pulled = gradient.clone();
        double[] gains = new double[OUTPUTS];
        s.pullBack(pulled, at, gains, 0);
        double expected = squares(pulled, at) + squares(gains, 0);
        assertThat(s.squaredNormOfPullBack(gradient, at)).isCloseTo(expected, Offset.offset(1e-10 * expected));
    }

    private static double squares(double[] values, int from) {
        double sum = 0;
        for (int i = from; i < values.length; i++) {
            sum += values[i] * values[i];
        }
        return sum;
    }
}
