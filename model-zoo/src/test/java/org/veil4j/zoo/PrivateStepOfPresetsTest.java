package org.veil4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.dp.train.DpComputationGraph;
import org.veil4j.dp.train.DpMultiLayerNetwork;
import org.veil4j.dp.train.DpSgd;
import org.veil4j.dp.train.PoissonSampler;
import org.veil4j.dp.train.PrivateNetwork;

/**
 * The private step of every network that may be trained privately, without noise and with half of the examples clipped, is that
 * of a loop over batches of one on the stock network.
 */
class PrivateStepOfPresetsTest {
    private static final int EXAMPLES = 10;
    private static final int PHYSICAL_BATCH = 6;
    private static final long SEED = 7;
    private static final InputShape SHAPE = InputShape.GREY_28;

    static List<Arguments> networks() {
        List<Arguments> networks = new ArrayList<>();
        for (ZooPreset preset : ZooPreset.values()) {
            for (Variant wanted : new Variant[] {Variant.DP_OPTIMISED, Variant.HE_ALIGNED}) {
                Variant variant = preset.privately(wanted);
                networks.add(Arguments.of(preset, variant, DataType.FLOAT, 1e-5));
                networks.add(Arguments.of(preset, variant, DataType.DOUBLE, 1e-10));
            }
        }
        return networks;
    }

    @ParameterizedTest
    @MethodSource("networks")
    void fit_withoutNoise_equalsBatchOfOneLoop(ZooPreset preset, Variant variant, DataType type, double tolerance) {
        Random random = new Random(SEED);
        INDArray x = Nd4j.create(type, EXAMPLES, SHAPE.channels(), SHAPE.height(), SHAPE.width());
        for (long i = 0; i < x.length(); i++) {
            x.putScalar(i, random.nextGaussian());
        }
        INDArray y = Nd4j.eye(10).castTo(type);
        ZooNetwork stock = configuration(preset, variant, type, new Sgd(1)).network();
        double[][] gradients = new double[EXAMPLES][];
        double[] norms = new double[EXAMPLES];
        for (int i = 0; i < EXAMPLES; i++) {
            gradients[i] = gradient(stock, row(x, i), row(y, i));
            norms[i] = norm(gradients[i]);
        }
        double clipNorm = median(norms);
        double[] expected = new double[gradients[0].length];
        for (int i = 0; i < EXAMPLES; i++) {
            for (int k = 0; k < expected.length; k++) {
                expected[k] += Math.min(1, clipNorm / norms[i]) * gradients[i][k];
            }
        }

        DpPlan plan = DpPlan.builder()
                .examples(EXAMPLES)
                .expectedBatch(EXAMPLES)
                .physicalBatch(PHYSICAL_BATCH)
                .steps(1)
                .delta(1e-3)
                .clipNorm(clipNorm)
                .noiseMultiplier(0)
                .build();
        ZooNetwork guarded = configuration(preset, variant, type, new DpSgd(1, 0, plan))
                .network(DpMultiLayerNetwork::new, DpComputationGraph::new);
        guarded.model().setParams(stock.model().params());
        ((PrivateNetwork) guarded.model()).fit(PoissonSampler.of(x, y, plan));

        double[] found = stock.model()
                .params()
                .sub(guarded.model().params())
                .mul(EXAMPLES)
                .toDoubleVector();
        for (int k = 0; k < found.length; k++) {
            found[k] -= expected[k];
        }
        // In float the difference of the parameters is itself rounded, by half a unit in their last place.
        double rounding = type == DataType.FLOAT
                ? EXAMPLES * stock.model().params().norm2Number().doubleValue() * 0x1p-24
                : 0;
        assertThat(norm(found)).as("seed %d", SEED).isLessThan(tolerance * norm(expected) + rounding);
    }

    private static ZooConfiguration configuration(ZooPreset preset, Variant variant, DataType type, IUpdater updater) {
        // The penalty begins at 0.5, so that most examples feel it.
        TrainingRecipe recipe = new TrainingRecipe(1, 1, 1e-3, false, 0, 0, 0, 0, false, 0, 0.5, 0.01, SEED);
        ZooConfiguration configuration = preset.configuration(variant, SHAPE, recipe, updater);
        if (configuration instanceof ZooConfiguration.Layered layered) {
            layered.configuration().setDataType(type);
        } else if (configuration instanceof ZooConfiguration.Graph graph) {
            graph.configuration().setDataType(type);
        }
        return configuration;
    }

    private static double[] gradient(ZooNetwork network, INDArray x, INDArray y) {
        if (network.model() instanceof MultiLayerNetwork layered) {
            layered.setInput(x);
            layered.setLabels(y);
            layered.computeGradientAndScore();
        } else if (network.model() instanceof ComputationGraph graph) {
            graph.setInputs(x);
            graph.setLabels(y);
            graph.computeGradientAndScore();
        }
        return network.model().gradient().gradient().dup().toDoubleVector();
    }

    private static INDArray row(INDArray batch, int example) {
        return batch.get(NDArrayIndex.interval(example, example + 1)).dup('c');
    }

    private static double norm(double[] values) {
        return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
    }
}
