package org.veil4j.he.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SparseMatrixTest {
    private static SparseMatrix random(Random random, int rows, int columns) {
        SparseMatrix.Builder b = new SparseMatrix.Builder(columns);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                if (random.nextInt(3) == 0) {
                    b.entry(c, random.nextInt(9) - 4);
                }
            }
            b.endRow();
        }
        return b.build();
    }

    private static double[] vector(Random random, int length) {
        double[] v = new double[length];
        for (int i = 0; i < length; i++) {
            v[i] = random.nextInt(100) - 50;
        }
        return v;
    }

    @Test
    void algebra_ofRandomMatrices_equalsApplyingThemToVectors() {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            int m = 1 + random.nextInt(70);
            int n = 1 + random.nextInt(70);
            int k = 1 + random.nextInt(300);
            SparseMatrix a = random(random, m, n);
            SparseMatrix a2 = random(random, m, n);
            SparseMatrix b = random(random, n, k);
            double[] x = vector(random, k);
            double[] y = vector(random, n);
            double[] rows = vector(random, m);
            double[] bx = b.multiply(x);
            assertThat(a.multiply(b).multiply(x)).as("seed %d", seed).containsExactly(a.multiply(bx), within(1e-6));
            double[] sum = a.add(a2).multiply(y);
            double[] scaled = a.scaleRows(rows).multiply(y);
            double[] columns = a.scaleColumns(y).multiply(y);
            double[] squares = y.clone();
            for (int i = 0; i < n; i++) {
                squares[i] *= y[i];
            }
            double[] both = new double[n + k];
            System.arraycopy(y, 0, both, 0, n);
            SparseMatrix wide = random(random, m, k);
            System.arraycopy(x, 0, both, n, k);
            double[] beside = a.beside(wide).multiply(both);
            for (int r = 0; r < m; r++) {
                assertThat(sum[r]).as("seed %d", seed).isEqualTo(a.multiply(y)[r] + a2.multiply(y)[r]);
                assertThat(scaled[r]).as("seed %d", seed).isEqualTo(rows[r] * a.multiply(y)[r]);
                assertThat(columns[r]).as("seed %d", seed).isEqualTo(a.multiply(squares)[r]);
                assertThat(beside[r]).as("seed %d", seed).isEqualTo(a.multiply(y)[r] + wide.multiply(x)[r]);
            }
        }
    }

    @Test
    void norms_ofAKnownMatrix_areExact() {
        SparseMatrix m = SparseMatrix.of(3, new int[] {0, 2, 2}, new int[] {0, 2}, new double[] {-3, 2});
        assertThat(m.maxAbs()).isEqualTo(3);
        assertThat(m.infinityNorm()).isEqualTo(5);
        assertThat(m.rows()).isEqualTo(2);
        assertThat(m.entries()).isEqualTo(2);
    }

    @Test
    void of_badArrays_isRefused() {
        assertThatThrownBy(() -> SparseMatrix.of(2, new int[] {0, 2}, new int[] {1, 0}, new double[2]))
                .hasMessageContaining("ascend");
        assertThatThrownBy(() -> SparseMatrix.of(2, new int[] {0, 1}, new int[] {2}, new double[1]))
                .hasMessageContaining("below 2");
        assertThatThrownBy(() -> SparseMatrix.of(2, new int[] {0, 1}, new int[] {1}, new double[] {Double.NaN}))
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> SparseMatrix.of(2, new int[] {0, 3}, new int[] {1}, new double[] {1}))
                .hasMessageContaining("offsets");
    }
}
