package org.veil4j.dp.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Inputs with a large common part and output gradients that sum to nearly 0: the Gram matrices' terms cancel. A norm that comes out too
 * small would let an example contribute more than the clip norm.
 */
class GhostGradientsTest {
    private static final int EXAMPLES = 12;
    private static final int CHANNELS = 64;
    private static final double CLIP_NORM = 1;

    @ParameterizedTest
    @CsvSource({
        "FLOAT, 0, 0x1p-20",
        "FLOAT, 30, 0x1p-20",
        "FLOAT, 300, 0x1p-20",
        "FLOAT, 3e3, 0x1p-20",
        "FLOAT, 1e5, 0x1p-20",
        "DOUBLE, 0, 0x1p-44",
        "DOUBLE, 30, 0x1p-44",
        "DOUBLE, 3e3, 0x1p-44",
        "DOUBLE, 1e8, 0x1p-44"
    })
    void contribution_termsCancel_staysBelowTheClipNorm(DataType type, double offset, String margin) {
        for (int size : new int[] {4, 8}) {
            INDArray x = input(type, size, offset);
            INDArray d = zeroSums(type, size - 2);
            ConvolutionGeometry g =
                    new ConvolutionGeometry(CHANNELS, size, size, CHANNELS, size - 2, size - 2, 3, 3, 1, 1, 0, 0, 1, 1);
            ConvolutionExampleGradients ghost = new ConvolutionExampleGradients(false, GradientStrategy.GHOST);
            ghost.capture(g, x, d);
            double[] squares = new double[EXAMPLES];
            ghost.addSquaredNorms(squares);
            for (int i = 0; i < EXAMPLES; i++) {
                double norm = Math.sqrt(squares[i]) * (1 + Double.parseDouble(margin));
                double[] factors = new double[EXAMPLES];
                factors[i] = Math.min(1, CLIP_NORM / norm);
                double[] contribution = new double[g.weights()];
                ghost.addWeightedSum(factors, contribution, 0);
                assertThat(norm(contribution))
                        .as("example %d of size %d", i, size)
                        .isLessThanOrEqualTo(CLIP_NORM);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT, 0", "FLOAT, 3e3", "DOUBLE, 3e3"})
    void weightedSum_someExamplesCancel_isThatOfMaterialisedGradients(DataType type, double offset) {
        int size = 4;
        INDArray x = input(type, size, offset);
        INDArray d = zeroSums(type, size - 2);
        for (int i = 0; i < EXAMPLES; i += 3) { // these do not cancel
            d.slice(i).addi(0.5);
        }
        ConvolutionGeometry g =
                new ConvolutionGeometry(CHANNELS, size, size, CHANNELS, size - 2, size - 2, 3, 3, 1, 1, 0, 0, 1, 1);
        double[][] norms = new double[2][EXAMPLES];
        double[][] sums = new double[2][g.weights()];
        double[] factors = new double[EXAMPLES];
        for (GradientStrategy strategy : GradientStrategy.values()) {
            ConvolutionExampleGradients kernel = new ConvolutionExampleGradients(false, strategy);
            kernel.capture(g, x, d);
            kernel.addSquaredNorms(norms[strategy.ordinal()]);
            for (int i = 0; i < EXAMPLES; i++) {
                factors[i] = 1 / Math.sqrt(norms[0][i]);
            }
            kernel.addWeightedSum(factors, sums[strategy.ordinal()], 0);
        }
        double relative = type == DataType.FLOAT ? 1e-5 : 1e-10;
        for (int i = 0; i < EXAMPLES; i++) {
            assertThat(norms[1][i]).as("example %d", i).isCloseTo(norms[0][i], within(2 * relative * norms[0][i]));
        }
        assertThat(Oracle.relativeError(sums[1], sums[0])).isLessThan(relative);
    }

    private static INDArray input(DataType type, int size, double offset) {
        SplittableRandom random = new SplittableRandom(7);
        double[] values = new double[EXAMPLES * CHANNELS * size * size];
        for (int i = 0; i < values.length; i++) {
            values[i] = offset + random.nextGaussian();
        }
        return Nd4j.createFromArray(values)
                .reshape('c', EXAMPLES, CHANNELS, size, size)
                .castTo(type);
    }

    /** Multiples of 1/1024, so that the sums over the positions are 0 exactly. */
    private static INDArray zeroSums(DataType type, int size) {
        SplittableRandom random = new SplittableRandom(8);
        int positions = size * size;
        double[] values = new double[EXAMPLES * CHANNELS * positions];
        for (int from = 0; from < values.length; from += positions) {
            for (int k = 1; k < positions; k++) {
                values[from + k] = Math.rint(1024 * random.nextGaussian()) / 1024;
                values[from] -= values[from + k];
            }
        }
        return Nd4j.createFromArray(values)
                .reshape('c', EXAMPLES, CHANNELS, size, size)
                .castTo(type);
    }

    private static double norm(double[] values) {
        double sum = 0;
        for (double v : values) {
            sum += v * v;
        }
        return Math.sqrt(sum);
    }
}
