package org.veil4j.experiments.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.dp.train.DpMultiLayerNetwork;
import org.veil4j.dp.train.PoissonSampler;
import org.veil4j.dp.train.PrivacyGuardException;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.zoo.DpRecipe;
import org.veil4j.zoo.InputShape;
import org.veil4j.zoo.ModelCard;
import org.veil4j.zoo.PretrainedWeights;
import org.veil4j.zoo.TrainingRecipe;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooPreset;

class PrivateTrainingRunTest {
    private static final long SEED = 5;

    private static DpRecipe recipe(int epochs, double averaging) {
        return new DpRecipe(
                new TrainingRecipe(64, epochs, 6e-3, true, 0, 0, 0, 0, false, SEED),
                DpRecipe.Optimizer.ADAM,
                1,
                averaging);
    }

    @Test
    void execute_separablePatterns_areLearntWithinThePlan() throws IOException {
        Dataset data = TrainerTest.patterns(640);
        DpRecipe recipe = recipe(12, 0.9);
        DpPlan plan = recipe.plan(512, 1e-4)
                .noiseMultiplier(0.4)
                .seededForTesting(SEED)
                .build();
        TrainingJob job = new TrainingJob(ZooPreset.CRYPTONET, Variant.DP_OPTIMISED, data, data, 128);
        List<Integer> steps = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void iterationDone(int iteration, int total, double loss) {
                assertThat(total).isEqualTo(96);
                steps.add(iteration);
            }

            @Override
            public void epochDone(EpochResult result) {}
        };
        PrivateTrainingRun run = PrivateTrainingRun.execute(job, recipe, plan, "veil4j train", listener);
        assertThat(steps).hasSize(96).isSorted().endsWith(96);
        assertThat(run.guarantee().epsilon()).isCloseTo(plan.guarantee().epsilon(), within(1e-9));
        assertThat(run.epochs()).hasSize(12);
        assertThat(run.card().testAccuracy()).as("seed %d", SEED).isGreaterThan(0.8);
        assertThat(run.accuracyTrain()).isGreaterThan(0.8);
        assertThat(run.card().validationAccuracy()).isGreaterThan(0.8);
    }

    @Test
    void execute_allStepsTaken_networkTrainsNoFurther() {
        Dataset data = TrainerTest.patterns(64);
        DpRecipe recipe = recipe(1, 0);
        DpPlan plan = recipe.plan(64, 1e-4).noiseMultiplier(1).build();
        TrainingJob job = new TrainingJob(ZooPreset.CRYPTONET, Variant.HE_ALIGNED, data, data, 0);
        PrivateTrainingRun run = PrivateTrainingRun.execute(job, recipe, plan, "veil4j train", TrainingListener.NONE);
        DpMultiLayerNetwork network = (DpMultiLayerNetwork) run.network().model();
        assertThat(network.steps()).isEqualTo(1);
        assertThat(run.card().validationAccuracy()).isNaN();
        ImageExamples source = new ImageExamples(
                data,
                new Augmentation(recipe.training(), InputShape.GREY_28, PrivateTrainingRun.normalisation(1)),
                new SplittableRandom(SEED));
        assertThatThrownBy(() -> network.fit(PoissonSampler.of(source, plan)))
                .isInstanceOf(PrivacyGuardException.class);
    }

    @Test
    void save_privateNetwork_cardAndLedgerSurvive(@TempDir Path folder) throws IOException {
        Dataset data = TrainerTest.patterns(64);
        DpRecipe recipe = recipe(2, 0);
        DpPlan plan = recipe.plan(64, 1e-4).noiseMultiplier(1).build();
        TrainingJob job = new TrainingJob(ZooPreset.CRYPTONET, Variant.DP_OPTIMISED, data, data, 0);
        PrivateTrainingRun run = PrivateTrainingRun.execute(job, recipe, plan, "veil4j train", TrainingListener.NONE);
        Path file = folder.resolve("private.zip");
        PretrainedWeights.save(file, run.network(), run.card());
        ModelCard card = PretrainedWeights.load(file).card();
        assertThat(card.recipe()).contains("private", "-DP");
        assertThat(card.validationAccuracy()).isNaN();
        assertThat(DpMultiLayerNetwork.restore(file.toFile()).steps()).isEqualTo(2);
    }

    /** With numbers that follow from a published seed, one image more would move the others: no bound on its influence. */
    @Test
    void augmentationNumbers_privatePlan_areSecret() {
        DpPlan plan = recipe(2, 0).plan(64, 1e-4).noiseMultiplier(1).build();
        assertThat(PrivateTrainer.augmentationNumbers(plan, SEED)).isInstanceOf(SecureRandom.class);
        assertThat(PrivateTrainer.augmentationNumbers(plan, SEED).nextLong())
                .isNotEqualTo(PrivateTrainer.augmentationNumbers(plan, SEED).nextLong());
        DpPlan seeded = recipe(2, 0)
                .plan(64, 1e-4)
                .noiseMultiplier(1)
                .seededForTesting(SEED)
                .build();
        assertThat(PrivateTrainer.augmentationNumbers(seeded, SEED).nextLong())
                .isEqualTo(PrivateTrainer.augmentationNumbers(seeded, SEED).nextLong());
    }

    @Test
    void job_heldOutImages_mustLeaveSome() {
        Dataset data = TrainerTest.patterns(20);
        assertThatThrownBy(() -> new TrainingJob(ZooPreset.CRYPTONET, Variant.DP_OPTIMISED, data, data, 20))
                .hasMessageContaining("validation=20");
    }

    @Test
    void stepCost_measuresBothKinds() {
        StepCost cost = StepCost.measure(ZooPreset.CRYPTONET, Variant.DP_OPTIMISED, TrainerTest.patterns(128), 2);
        assertThat(cost.privateSeconds()).isPositive();
        assertThat(cost.plainSeconds()).isPositive();
        assertThat(cost.plainSecondsPerEpoch(1280)).isCloseTo(10 * cost.plainSeconds(), within(1e-9));
    }
}
