package org.veil4j.he.ckks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Sampler;
import org.veil4j.he.ring.Seed;
import org.veil4j.he.rlwe.ParameterMismatchException;
import org.veil4j.he.rlwe.Plaintext;

class CkksEncoderTest {
    private static final long SEED = 31;
    private final CkksParameters ckks = CkksParameters.insecureTest(10, 5);
    private final CkksEncoder encoder = new CkksEncoder(ckks.rlwe());

    private static BigInteger[] integers(Plaintext p) {
        RnsPoly poly = p.poly().copy();
        poly.toCoefficients();
        return poly.toBigIntegers();
    }

    @Test
    void decode_monomials_areTheirValuesAtThePowersOfFive() {
        int n = ckks.rlwe().n();
        for (int k : new int[] {0, 1, 2, 5, n / 2 - 1, n / 2, n - 1}) {
            double[] c = new double[n];
            c[k] = 0x1p40;
            RnsPoly poly = RnsPoly.zero(ckks.rlwe().q(), false);
            poly.setCoefficients(c);
            poly.toNtt();
            double[] re = new double[n / 2];
            double[] im = new double[n / 2];
            encoder.decode(new Plaintext(ckks.rlwe(), poly, 0x1p40), re, im);
            long power = 1;
            for (int j = 0; j < n / 2; j++) {
                double angle = Math.PI * (power * k % (2L * n)) / n;
                assertThat(re[j]).as("k %d slot %d", k, j).isCloseTo(Math.cos(angle), within(1e-13));
                assertThat(im[j]).as("k %d slot %d", k, j).isCloseTo(Math.sin(angle), within(1e-13));
                power = power * 5 % (2L * n);
            }
        }
    }

    @Test
    void decode_ofEncode_isNearDoublePrecisionAtALargeScale() {
        for (int logN = 10; logN <= 16; logN += 3) {
            CkksParameters p = CkksParameters.insecureTest(logN, 4);
            CkksEncoder e = new CkksEncoder(p.rlwe());
            double[] re = Session.random(p.slots(), 1, SEED);
            double[] im = Session.random(p.slots(), 1, SEED + 1);
            double[] gotRe = new double[p.slots()];
            double[] gotIm = new double[p.slots()];
            e.decode(e.encode(re, im, 4, 0x1p90), gotRe, gotIm);
            String what = "seed " + SEED + " logN " + logN;
            assertThat(PrecisionStats.of(re, gotRe).bits()).as(what).isGreaterThan(48);
            assertThat(PrecisionStats.of(im, gotIm).bits()).as(what).isGreaterThan(48);
        }
    }

    @Test
    void encode_largerScales_multiplyTheCoefficientsExactly() {
        // A scale 2^shift times larger gives 2^shift times the same unrounded coefficients.
        double[] values = Session.random(300, 1, SEED);
        BigInteger[] small = integers(encoder.encode(values, 5, 0x1p90));
        for (int shift : new int[] {1, 10, 60, 100, 150}) {
            BigInteger[] large = integers(encoder.encode(values, 5, Math.scalb(0x1p90, shift)));
            for (int i = 0; i < small.length; i++) {
                assertThat(large[i].subtract(small[i].shiftLeft(shift)).abs())
                        .as("seed %d shift %d coefficient %d", SEED, shift, i)
                        .isLessThanOrEqualTo(BigInteger.ONE.shiftLeft(shift - 1));
            }
        }
    }

    @Test
    void encode_shortVectors_fillWithZeros() {
        for (int length : new int[] {0, 1, 3, 512}) {
            double[] values = Session.random(length, 4, SEED);
            double[] got = encoder.decode(encoder.encode(values, 2, 0x1p40));
            assertThat(PrecisionStats.of(Arrays.copyOf(values, 512), got).maxError())
                    .as("seed %d length %d", SEED, length)
                    .isLessThan(1e-9);
        }
        double[] few = new double[3];
        encoder.decode(encoder.encode(new double[] {1, 2, 3}, 0, 0x1p40), few, null);
        assertThat(few[2]).isCloseTo(3, within(1e-9));
    }

    @Test
    void encode_badValues_nameThem() {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            double[] values = {1, 2, bad};
            assertThatThrownBy(() -> encoder.encode(values, 0, 0x1p40))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("values[2]=" + bad);
        }
        assertThatThrownBy(() -> encoder.encode(new double[513], 0, 0x1p40))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("513");
        assertThatThrownBy(() -> encoder.encode(new double[] {1e9}, 0, 0x1p45))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("level 0");
        assertThatThrownBy(() -> encoder.encode(new double[] {1e300}, 5, 0x1p100))
                .isInstanceOf(IllegalArgumentException.class);
        for (double scale : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> encoder.encode(new double[1], 0, scale))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("scale=");
        }
        assertThatThrownBy(() -> encoder.encode(new double[1], 6, 0x1p40))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("level=6");
    }

    @Test
    void encodeConstant_anySize_isTheRoundedProduct() {
        for (double value : new double[] {0, 1, -1, 0.3, -123.456, 1e-12, 3e7}) {
            for (double scale : new double[] {1, 0x1p20, 1e11, 0x1p80, 0x1.123456789p130}) {
                BigInteger want = new BigDecimal(value)
                        .multiply(new BigDecimal(scale))
                        .setScale(0, RoundingMode.HALF_EVEN)
                        .toBigIntegerExact();
                BigInteger[] c = integers(encoder.encodeConstant(value, 5, scale));
                assertThat(c[0]).as("value %s scale %s", value, scale).isEqualTo(want);
                for (int i = 1; i < c.length; i++) {
                    assertThat(c[i].signum()).isZero();
                }
            }
        }
        assertThatThrownBy(() -> encoder.encodeConstant(1e9, 0, 0x1p40)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> encoder.encodeConstant(Double.NaN, 0, 0x1p40))
                .isInstanceOf(IllegalArgumentException.class);
        for (int level = 0; level <= 5; level++) {
            double half = ckks.rlwe().qAt(level).product().doubleValue() / 2;
            int l = level;
            for (double sign : new double[] {1, -1}) {
                assertThat(encoder.decode(encoder.encodeConstant(sign * 0.999 * half, level, 1))[0])
                        .isCloseTo(sign * 0.999 * half, within(half * 1e-9));
                for (double factor : new double[] {1.001, 1.2, 1.999, 1e40}) {
                    assertThatThrownBy(() -> encoder.encodeConstant(sign * factor * half, l, 1))
                            .as("level %d, %s times Q/2", l, factor)
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("level " + l);
                }
            }
        }
    }

    @Test
    void coefficients_valuesUpToHalfOfQ_areWithinAFewUlps() {
        CrtDecoder crt = new CrtDecoder(ckks.rlwe());
        for (int level = 0; level <= 5; level++) {
            RnsPoly uniform = RnsPoly.zero(ckks.rlwe().qAt(level), true);
            Sampler.uniform(uniform, Seed.of(new byte[32]));
            Plaintext p = new Plaintext(ckks.rlwe(), uniform, 0x1p40);
            BigInteger[] want = integers(p);
            double[] got = crt.coefficients(p);
            for (int i = 0; i < got.length; i++) {
                double exact = want[i].doubleValue();
                assertThat(Math.abs(got[i] - exact))
                        .as("level %d coefficient %d", level, i)
                        .isLessThanOrEqualTo(8 * Math.ulp(exact));
            }
        }
    }

    @Test
    void decode_foreignParametersOrTooLong_isRefused() {
        CkksEncoder other = new CkksEncoder(CkksParameters.insecureTest(10, 4).rlwe());
        Plaintext p = other.encode(new double[] {1}, 0, 0x1p40);
        assertThatThrownBy(() -> encoder.decode(p)).isInstanceOf(ParameterMismatchException.class);
        Plaintext own = encoder.encode(new double[] {1}, 0, 0x1p40);
        assertThatThrownBy(() -> encoder.decode(own, new double[513], null))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
