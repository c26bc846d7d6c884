package org.veil4j.experiments.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.veil4j.zoo.InputShape;
import org.veil4j.zoo.TrainingRecipe;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooNetwork;
import org.veil4j.zoo.ZooPreset;

class StepCostTest {
    @Test
    void measure_givesPositiveFiguresThatFitTogether() {
        StepCost cost = StepCost.measure(ZooPreset.CRYPTONET, Variant.HE_ALIGNED, TrainerTest.patterns(128), 1);
        assertThat(cost.batch()).isEqualTo(128);
        assertThat(cost.privateSeconds()).isPositive();
        assertThat(cost.ratio()).isEqualTo(cost.privateSeconds() / cost.plainSeconds());
        assertThat(cost.loopSecondsPerEpoch(256)).isCloseTo(2 * cost.loopSeconds(), within(1e-12));
        assertThat(cost.plainSecondsPerEpoch(64)).isCloseTo(cost.plainSeconds() / 2, within(1e-12));
    }

    /** Far above every norm, clipping does nothing, and the sum is that of an ordinary batch; far below, all norms are equal. */
    @Test
    void batchOfOneLoop_clipsEveryExample() {
        for (ZooPreset preset : new ZooPreset[] {ZooPreset.CRYPTONET, ZooPreset.TINY_RESNET}) {
            ZooNetwork network = preset.configuration(
                            Variant.DP_OPTIMISED, InputShape.GREY_28, TrainingRecipe.plain(1), 1)
                    .network();
            INDArray x = Nd4j.rand(3, 1, 28, 28);
            INDArray y = Nd4j.eye(10).get(NDArrayIndex.interval(0, 3)).dup();
            BatchOfOneLoop loop = new BatchOfOneLoop(network);
            INDArray whole = loop.clippedSum(x, y, 1e6).dup();
            INDArray parts = Nd4j.zeros(whole.shape());
            for (int i = 0; i < 3; i++) {
                INDArray one = loop.clippedSum(
                                x.get(NDArrayIndex.interval(i, i + 1)), y.get(NDArrayIndex.interval(i, i + 1)), 1e-3)
                        .dup();
                assertThat(one.norm2Number().doubleValue()).isCloseTo(1e-3, within(1e-8));
                parts.addi(loop.clippedSum(
                        x.get(NDArrayIndex.interval(i, i + 1)), y.get(NDArrayIndex.interval(i, i + 1)), 1e6));
            }
            assertThat(Transforms.abs(whole.sub(parts)).maxNumber().doubleValue())
                    .as(preset.id())
                    .isLessThan(1e-5 * whole.norm2Number().doubleValue());
        }
    }
}
