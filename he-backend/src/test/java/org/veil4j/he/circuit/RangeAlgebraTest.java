package org.veil4j.he.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.veil4j.he.ckks.CkksParameters;
import org.veil4j.he.rlwe.RlweParameters;

class RangeAlgebraTest {
    private static final double SCALE = 0x1p40;

    private final RlweParameters parameters = CkksParameters.insecureTest(10, 3).rlwe();
    private RangeAlgebra algebra = new RangeAlgebra(parameters, 1);
    private RangedSlots x = algebra.fresh(3, SCALE, -2, 3, new double[] {-2, 0.5, 3});

    @BeforeEach
    void start() {
        algebra = new RangeAlgebra(parameters, 1);
        x = algebra.fresh(3, SCALE, -2, 3, new double[] {-2, 0.5, 3});
        algebra.take();
    }

    private static void assertRange(RangedSlots a, double low, double high, double... exact) {
        assertThat(a.low[0]).isCloseTo(low, within(1e-9));
        assertThat(a.high[0]).isCloseTo(high, within(1e-9));
        assertThat(a.exact).containsExactly(exact, within(1e-9));
        assertThat(a.measuredError()).isBetween(0.0, a.error());
    }

    @Test
    void intervals_everyOperation_holdTheSamples() {
        assertRange(x, -2, 3, -2, 0.5, 3);
        assertRange(algebra.negate(x), -3, 2, 2, -0.5, -3);
        assertRange(algebra.add(x, x), -4, 6, -4, 1, 6);
        assertRange(algebra.subtract(x, x), -5, 5, 0, 0, 0);
        assertRange(algebra.addConstant(x, 0.25), -1.75, 3.25, -1.75, 0.75, 3.25);
        assertRange(algebra.multiplyScalar(x, -0.5, 0x1p30), -1.5, 1, 1, -0.25, -1.5);
        assertRange(algebra.withScale(x, SCALE / 4), -8, 12, -8, 2, 12);
        assertRange(algebra.multiply(x, x), 0, 9, 4, 0.25, 9);
        assertRange(algebra.multiply(x, algebra.negate(x)), -9, 6, -4, -0.25, -9);
        RangedSlots positive = algebra.addConstant(x, 3);
        assertRange(algebra.sumOfSquares(List.of(positive, x)), 1, 45, 5, 12.5, 45);
        RangedSlots square = algebra.rescale(algebra.relinearize(algebra.multiply(x, x)));
        assertRange(square, 0, 9, 4, 0.25, 9);
        assertThat(square.level()).isEqualTo(2);
        assertThat(square.error()).isGreaterThan(x.error());
        assertRange(algebra.dropToLevel(x, 1), -2, 3, -2, 0.5, 3);
    }

    @Test
    void linearMap_coarseWeights_errorIsTheirRounding() {
        SparseMatrix third = SparseMatrix.diagonal(new double[] {1.0 / 3});
        RangedSlots y = algebra.linearMap(third, new double[] {4}, List.of(x)).get(0); // a third becomes a quarter
        assertRange(y, -2 / 3.0, 1, -2 / 3.0, 0.5 / 3, 1);
        assertThat(y.measuredError()).isCloseTo(0.25, within(1e-6));
        assertThat(y.error()).isCloseTo(0.25, within(1e-6));
    }

    @Test
    void take_valuesNearTheModulus_tellsTheHeadroom() {
        double capacity = algebra.capacity(0, SCALE);
        assertThat(capacity).isCloseTo(256, within(1.0)); // a prime of 49 bits, a sign, a scale of 40
        algebra.dropToLevel(x, 0);
        RangeAlgebra.Extremes extremes = algebra.take();
        assertThat(extremes.largestPossible()).isCloseTo(3, within(1e-6));
        assertThat(extremes.largestMeasured()).isCloseTo(3, within(1e-6));
        assertThat(extremes.measuredHeadroomBits()).isCloseTo(Math.log(capacity / 3) / Math.log(2), within(1e-6));
        algebra.withScale(algebra.dropToLevel(x, 0), SCALE);
        algebra.add(algebra.dropToLevel(x, 0), algebra.addConstant(algebra.dropToLevel(x, 0), 1000));
        assertThat(algebra.take().possibleHeadroomBits()).isNegative();
        assertThat(algebra.take()).isEqualTo(RangeAlgebra.Extremes.NONE);
    }

    @Test
    void unboundedInput_staysUnknownAndNeverNaN() {
        RangedSlots any = algebra.fresh(3, SCALE, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, new double[0]);
        RangedSlots zero = algebra.multiply(algebra.fresh(3, SCALE, 0, 0, new double[0]), any);
        assertThat(zero.magnitude()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(zero.error()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(algebra.take().possibleHeadroomBits()).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void misuse_isRefusedAsUnderEncryption() {
        assertThatThrownBy(() -> algebra.add(x, algebra.dropToLevel(x, 1))).hasMessageContaining("levels");
        assertThatThrownBy(() -> algebra.add(x, algebra.withScale(x, 2 * SCALE)))
                .hasMessageContaining("scales");
        assertThatThrownBy(() -> algebra.multiply(x, algebra.multiply(x, x))).hasMessageContaining("relinearise");
    }

    @Test
    void ranges_haveNoOperationsBetweenSlots() {
        assertThat(SlotAlgebra.class.isAssignableFrom(RangeAlgebra.class)).isFalse();
    }
}
