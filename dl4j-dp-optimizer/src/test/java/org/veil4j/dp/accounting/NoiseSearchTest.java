package org.veil4j.dp.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NoiseSearchTest {
    /** Counts how often a function is asked. */
    private static final class Counted implements DoubleUnaryOperator {
        private final DoubleUnaryOperator function;
        private int calls;

        Counted(DoubleUnaryOperator function) {
            this.function = function;
        }

        @Override
        public double applyAsDouble(double noise) {
            calls++;
            return function.applyAsDouble(noise);
        }
    }

    /** The certain figure takes long: few evaluations of it, and not many of the rough one, whatever the setting. */
    @ParameterizedTest
    @CsvSource({
        // q, steps, epsilon, delta
        "1.6666666666666667e-5, 600000, 8, 1e-5",
        "1.6666666666666667e-5, 600000, 0.5, 1e-5",
        "1.6666666666666667e-5, 6000000, 1, 1e-5",
        "1e-6, 1000000, 2, 1e-7",
        "0.01, 1000000, 8, 1e-6",
        "0.04, 2250, 8, 1e-5",
        "0.3, 40, 0.3, 1e-4",
        "0.002, 100000, 0.01, 1e-5",
    })
    void least_realAccounting_takesFewEvaluations(double q, long steps, double epsilon, double delta) {
        Counted stated = new Counted(noise -> PrvAccountant.of(new SampledGaussian(q, noise), steps)
                .epsilon(delta)
                .epsilon());
        Counted rough = new Counted(
                noise -> PrvAccountant.of(new SampledGaussian(q, noise), steps).roughEpsilon(delta));
        double start = NoiseCalibrator.start(epsilon, delta, q, steps);
        double noise = new NoiseSearch(stated, rough, epsilon).least(start);
        assertThat(stated.calls).as("stated").isLessThanOrEqualTo(4);
        assertThat(rough.calls).as("rough").isLessThanOrEqualTo(14);
        assertThat(stated.applyAsDouble(noise)).as("noise %s", noise).isBetween(epsilon * 0.999, epsilon);
    }

    @ParameterizedTest
    @CsvSource({"0.8, 1.03", "1, 0.97", "6, 1.2", "6, 0.8", "0.3, 1", "1, 3"})
    void least_powerOfTheNoise_isFoundWhateverTheEstimatesError(double power, double error) {
        double wanted = 0.7;
        Counted stated = new Counted(noise -> 2 * Math.pow(noise, -power));
        double noise = new NoiseSearch(stated, s -> error * 2 * Math.pow(s, -power), wanted).least(1000);
        assertThat(stated.applyAsDouble(noise)).as("noise %s", noise).isBetween(wanted * (1 - 1e-4), wanted);
        assertThat(stated.calls).isLessThanOrEqualTo(6);
    }

    @Test
    void least_estimateWithoutRelation_isStillEnough() {
        DoubleUnaryOperator stated = noise -> 1 / noise;
        double noise = new NoiseSearch(stated, s -> 5 / (s * s * s), 0.25).least(900);
        assertThat(noise).isBetween(4.0, 4.0 * 1.002);
        assertThat(new NoiseSearch(stated, s -> 0, 0.25).least(900)).isBetween(4.0, 4.0 * 1.002);
    }

    @Test
    void least_sawtooth_keepsTheBudget() {
        // As figures from meshes of different fineness: a jump every 3 % of the noise.
        DoubleUnaryOperator stated = noise -> {
            double phase = Math.log(noise) / 0.03;
            return (1 + 2e-3 * (phase - Math.floor(phase))) / noise;
        };
        for (double epsilon = 0.1; epsilon < 0.2; epsilon *= 1.007) {
            Counted counted = new Counted(stated);
            double noise = new NoiseSearch(counted, s -> 1 / s, epsilon).least(100);
            assertThat(stated.applyAsDouble(noise)).as("epsilon %s", epsilon).isBetween(epsilon * 0.997, epsilon);
            assertThat(counted.calls).as("epsilon %s", epsilon).isLessThanOrEqualTo(12);
        }
    }

    @Test
    void least_suddenStep_isFoundFromAbove() {
        // With so much noise, delta covers whatever is left.
        DoubleUnaryOperator stated = noise -> noise < 2.5 ? 3 : 0;
        assertThat(new NoiseSearch(stated, stated, 1).least(50)).isBetween(2.5, 2.5001);
        assertThat(new NoiseSearch(s -> 0, s -> 0, 1).least(50)).isEqualTo(NoiseCalibrator.MIN_NOISE);
    }
}
