package org.veil4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.dp.train.DpAdam;
import org.veil4j.dp.train.DpComputationGraph;
import org.veil4j.dp.train.DpMultiLayerNetwork;
import org.veil4j.dp.train.DpSgd;

class DpRecipeTest {
    private static final TrainingRecipe TRAINING = new TrainingRecipe(100, 4, 2e-3, true, 1, 0, 0, 0, false, 1);

    @Test
    void plan_hasTheRecipesNumbers() {
        DpPlan plan = new DpRecipe(TRAINING, DpRecipe.Optimizer.ADAM, 0.5, 0)
                .plan(1000, 1e-4)
                .noiseMultiplier(2)
                .build();
        assertThat(plan.examples()).isEqualTo(1000);
        assertThat(plan.expectedBatch()).isEqualTo(100);
        assertThat(plan.plannedSteps()).isEqualTo(40);
        assertThat(plan.clipNorm()).isEqualTo(0.5);
        assertThat(plan.delta()).isEqualTo(1e-4);
    }

    @Test
    void plan_fewerExamplesThanTheBatch_takesAll() {
        DpPlan plan = new DpRecipe(TRAINING, DpRecipe.Optimizer.ADAM, 1, 0)
                .plan(60, 1e-4)
                .noiseMultiplier(2)
                .build();
        assertThat(plan.expectedBatch()).isEqualTo(60);
    }

    @Test
    void updater_followsTheSchedule() {
        DpRecipe recipe = new DpRecipe(TRAINING, DpRecipe.Optimizer.ADAM, 1, 0);
        DpPlan plan = recipe.plan(1000, 1e-4).noiseMultiplier(2).build();
        DpAdam updater = (DpAdam) recipe.updater(plan);
        assertThat(updater.getLearningRate(9, 0)).isEqualTo(2e-3);
        assertThat(updater.getLearningRate(40, 3)).isCloseTo(4e-5, within(1e-12));
    }

    @Test
    void updater_sgd_hasMomentumAndTheSameSchedule() {
        DpRecipe recipe = new DpRecipe(TRAINING, DpRecipe.Optimizer.SGD, 20, 0);
        DpPlan plan = recipe.plan(1000, 1e-4).noiseMultiplier(2).build();
        DpSgd updater = (DpSgd) recipe.updater(plan);
        assertThat(updater.getLearningRate(40, 3)).isCloseTo(4e-5, within(1e-12));
        assertThat(((Nesterovs) updater.updater()).getMomentum()).isEqualTo(0.9);
        assertThat(recipe.describe()).contains("private SGD with Nesterov momentum 0.9, batch 100", "clip norm 20.0");
    }

    @Test
    void updater_constantRate_isTheSameAtEveryStep() {
        TrainingRecipe constant = new TrainingRecipe(100, 4, 2e-3, false, 0, 0, 0, 0, false, 1);
        DpRecipe recipe = new DpRecipe(constant, DpRecipe.Optimizer.ADAM, 1, 0);
        DpPlan plan = recipe.plan(1000, 1e-4).noiseMultiplier(2).build();
        assertThat(recipe.updater(plan).getLearningRate(0, 0)).isEqualTo(2e-3);
        assertThat(recipe.updater(plan).getLearningRate(39, 3)).isEqualTo(2e-3);
    }

    @Test
    void standard_everyPreset_isValid() {
        for (ZooPreset preset : ZooPreset.values()) {
            assertThat(DpRecipe.standard(preset).describe()).contains("clip norm");
        }
    }

    @Test
    void constructor_outOfRange_isRefusedByName() {
        assertThatThrownBy(() -> new DpRecipe(TrainingRecipe.standard(3), DpRecipe.Optimizer.ADAM, 1, 0))
                .hasMessageContaining("training.clipNorm=1.0");
        assertThatThrownBy(() -> new DpRecipe(TRAINING, DpRecipe.Optimizer.ADAM, 0, 0))
                .hasMessageContaining("clipNorm=0.0");
        assertThatThrownBy(() -> new DpRecipe(TRAINING, DpRecipe.Optimizer.ADAM, Double.NaN, 0))
                .hasMessageContaining("clipNorm=NaN");
        assertThatThrownBy(() -> new DpRecipe(TRAINING, DpRecipe.Optimizer.ADAM, 1, 1))
                .hasMessageContaining("averaging=1.0");
    }

    @Test
    void privately_everyPreset_heAlignedAndDpOptimisedAreAccepted() {
        DpPlan plan = new DpRecipe(TRAINING, DpRecipe.Optimizer.ADAM, 1, 0)
                .plan(1000, 1e-4)
                .noiseMultiplier(2)
                .build();
        for (ZooPreset preset : ZooPreset.values()) {
            for (Variant variant : new Variant[] {Variant.DP_OPTIMISED, Variant.HE_ALIGNED}) {
                ZooConfiguration configuration = preset.configuration(
                        preset.privately(variant),
                        InputShape.GREY_28,
                        TRAINING,
                        new DpRecipe(TRAINING, DpRecipe.Optimizer.ADAM, 1, 0).updater(plan));
                configuration.network(DpMultiLayerNetwork::new, DpComputationGraph::new);
            }
        }
    }
}
