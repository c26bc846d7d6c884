package org.veil4j.dp.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.apache.commons.math3.complex.Complex;
import org.apache.commons.math3.transform.DftNormalization;
import org.apache.commons.math3.transform.FastFourierTransformer;
import org.apache.commons.math3.transform.TransformType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FourierTransformTest {
    @ParameterizedTest
    @ValueSource(ints = {2, 4, 8, 64, 512, 4096, 8192, 16_384})
    void forward_anySequence_agreesWithCommonsMath(int n) {
        double[] re = sequence(n, 0.3);
        double[] im = sequence(n, 0.7);
        Complex[] input = new Complex[n];
        for (int j = 0; j < n; j++) {
            input[j] = new Complex(re[j], im[j]);
        }
        Complex[] expected =
                new FastFourierTransformer(DftNormalization.STANDARD).transform(input, TransformType.FORWARD);
        FourierTransform transform = new FourierTransform(n);
        transform.forward(re, im);
        for (int k = 0; k < n; k++) {
            int at = transform.position(k);
            assertThat(re[at]).as("re[%d] of %d", k, n).isCloseTo(expected[k].getReal(), within(1e-10));
            assertThat(im[at]).as("im[%d] of %d", k, n).isCloseTo(expected[k].getImaginary(), within(1e-10));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 8, 32, 512})
    void mirror_anyPosition_hasTheNegativeFrequency(int n) {
        FourierTransform transform = new FourierTransform(n);
        for (int k = 0; k < n; k++) {
            assertThat(FourierTransform.mirror(transform.position(k)))
                    .as("frequency %d of %d", k, n)
                    .isEqualTo(transform.position((n - k) % n));
        }
    }

    @Test
    void inverse_afterForward_isTheSequence() {
        int n = 1 << 15;
        double[] re = sequence(n, 0.1);
        double[] im = sequence(n, 0.9);
        FourierTransform transform = new FourierTransform(n);
        transform.forward(re, im);
        transform.inverse(re, im);
        double[] expectedRe = sequence(n, 0.1);
        double[] expectedIm = sequence(n, 0.9);
        for (int j = 0; j < n; j++) {
            assertThat(re[j]).isCloseTo(expectedRe[j], within(1e-14));
            assertThat(im[j]).isCloseTo(expectedIm[j], within(1e-14));
        }
    }

    @Test
    void forward_impulse_isExactToRounding() {
        int n = 1 << 18;
        int at = 777;
        double[] re = new double[n];
        double[] im = new double[n];
        re[at] = 1;
        FourierTransform transform = new FourierTransform(n);
        transform.forward(re, im);
        double worst = 0;
        for (int k = 0; k < n; k++) {
            int i = transform.position(k);
            double angle = -2 * Math.PI * ((long) k * at % n) / n;
            worst = Math.max(worst, Math.hypot(re[i] - Math.cos(angle), im[i] - Math.sin(angle)));
        }
        assertThat(worst).isLessThan(4e-15);
    }

    /** Values in [-1, 1) that follow no simple law. */
    private static double[] sequence(int n, double start) {
        double[] values = new double[n];
        double x = start;
        for (int j = 0; j < n; j++) {
            x = 4 * x * (1 - x);
            values[j] = 2 * x - 1;
        }
        return values;
    }
}
