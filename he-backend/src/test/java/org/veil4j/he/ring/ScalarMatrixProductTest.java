package org.veil4j.he.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScalarMatrixProductTest {
    private static final int LOG_N = 10;

    /** Prime widths, weight widths and shapes: one and several chunks, full rows and rows with holes. */
    @ParameterizedTest
    @CsvSource({"49,26,3,5", "49,27,4,70", "49,34,3,150", "28,34,2,65", "24,20,5,9", "45,1,2,300", "49,28,1,1"})
    void multiply_randomAndExtremeResidues_equalsBigInteger(int primeBits, int weightBits, int rows, int columns) {
        long seed = 31L * primeBits + weightBits;
        Random random = new Random(seed);
        RnsBasis basis = RnsBasis.of(LOG_N, PrimeGenerator.generate(LOG_N, primeBits, 2, List.of()));
        RnsPoly[] in = new RnsPoly[columns];
        for (int c = 0; c < columns; c++) {
            in[c] = RnsPoly.zero(basis, true);
            for (int l = 0; l < basis.size(); l++) {
                long half = (basis.modulus(l).value() - 1) / 2;
                for (int j = 0; j < basis.n(); j++) {
                    long x = (random.nextLong() >>> 1) % (2 * half + 1) - half;
                    in[c].limb(l)[j] = j % 8 == 0 ? half : j % 8 == 1 ? -half : j % 8 == 2 ? 0 : x;
                }
            }
        }
        boolean full = weightBits % 2 == 0;
        double[][] dense = new double[rows][columns];
        for (double[] row : dense) {
            for (int c = 0; c < columns; c++) {
                double max = Math.scalb(1.0, weightBits);
                int kind = full ? 1 + random.nextInt(7) : random.nextInt(8);
                row[c] = kind == 0
                        ? 0
                        : kind == 1 ? max : kind == 2 ? -max : Math.rint(random.nextDouble() * 2 * max - max);
            }
        }
        RnsPoly[] out = new RnsPoly[rows];
        for (int r = 0; r < rows; r++) {
            out[r] = RnsPoly.zero(basis, true);
        }

        new ScalarMatrixProduct(matrix(dense)).multiply(in, out);

        for (int l = 0; l < basis.size(); l++) {
            BigInteger p = BigInteger.valueOf(basis.modulus(l).value());
            for (int r = 0; r < rows; r++) {
                for (int j = 0; j < basis.n(); j += 1 + j % 7) {
                    BigInteger sum = BigInteger.ZERO;
                    for (int c = 0; c < columns; c++) {
                        sum = sum.add(BigInteger.valueOf((long) dense[r][c])
                                .multiply(BigInteger.valueOf((long) in[c].limb(l)[j])));
                    }
                    BigInteger want = sum.mod(p);
                    if (want.shiftLeft(1).compareTo(p) > 0) {
                        want = want.subtract(p);
                    }
                    assertThat(out[r].limb(l)[j])
                            .as("seed %d, limb %d, row %d, coefficient %d", seed, l, r, j)
                            .isEqualTo(want.doubleValue());
                }
            }
        }
    }

    @Test
    void multiply_wrongNumberOfInputs_isRefused() {
        RnsBasis basis = RnsBasis.of(LOG_N, PrimeGenerator.generate(LOG_N, 40, 1, List.of()));
        RnsPoly one = RnsPoly.zero(basis, true);
        assertThatThrownBy(() -> new ScalarMatrixProduct(matrix(new double[][] {{1, 2}}))
                        .multiply(new RnsPoly[] {one}, new RnsPoly[] {one}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 columns");
    }

    @Test
    void multiply_otherPrimesOrMixedForms_areRefusedAndTheFormIsKept() {
        List<Modulus> primes = PrimeGenerator.generate(LOG_N, 40, 2, List.of());
        RnsBasis basis = RnsBasis.of(LOG_N, primes.subList(0, 1));
        RnsPoly foreign = RnsPoly.zero(RnsBasis.of(LOG_N, primes.subList(1, 2)), true);
        RnsPoly one = RnsPoly.zero(basis, true);
        RnsPoly out = RnsPoly.zero(basis, false);
        ScalarMatrixProduct sum = new ScalarMatrixProduct(matrix(new double[][] {{1, 2}}));
        assertThatThrownBy(() -> sum.multiply(new RnsPoly[] {one, foreign}, new RnsPoly[] {out}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("basis=");
        assertThatThrownBy(() -> sum.multiply(new RnsPoly[] {one, one}, new RnsPoly[] {foreign}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("basis=");
        assertThatThrownBy(() -> sum.multiply(new RnsPoly[] {one, RnsPoly.zero(basis, false)}, new RnsPoly[] {out}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ntt=false");
        sum.multiply(new RnsPoly[] {one, one}, new RnsPoly[] {out});
        assertThat(out.isNtt()).isTrue();
    }

    @Test
    void of_fractionalOrHugeWeight_isRefused() {
        assertThatThrownBy(() -> matrix(new double[][] {{0.5}})).hasMessageContaining("integer");
        assertThatThrownBy(() -> matrix(new double[][] {{0x1p35}})).hasMessageContaining("34 bits");
        assertThatThrownBy(() -> matrix(new double[][] {{Double.NaN}})).hasMessageContaining("NaN");
    }

    private static ScalarMatrix matrix(double[][] dense) {
        int columns = dense[0].length;
        int[] start = new int[dense.length + 1];
        int entries = 0;
        int[] column = new int[dense.length * columns];
        double[] weight = new double[dense.length * columns];
        for (int r = 0; r < dense.length; r++) {
            for (int c = 0; c < columns; c++) {
                if (dense[r][c] != 0) {
                    column[entries] = c;
                    weight[entries++] = dense[r][c];
                }
            }
            start[r + 1] = entries;
        }
        return ScalarMatrix.of(
                columns, start, java.util.Arrays.copyOf(column, entries), java.util.Arrays.copyOf(weight, entries));
    }
}
