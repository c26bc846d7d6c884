package org.veil4j.experiments.train;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.dp.train.PoissonSampler;
import org.veil4j.dp.train.PrivateNetwork;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.zoo.DpRecipe;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.ZooNetwork;

/**
 * Trains a private network by a recipe, to the end of its plan. Images that are held out belong to nobody's guarantee: they
 * are for finding recipes, on data that may be seen. Losses and accuracies on the way are not private.
 */
final class PrivateTrainer {
    private final ZooNetwork network;
    private final DpPlan plan;
    private final double learningRate;
    private final WeightAverage average;
    private final PoissonSampler sampler;
    private final InputNormalisation normalisation;
    private final Dataset validation;
    private final TrainingListener listener;
    private double lossSum;
    private int lossCount;

    /**
     * Prepares a training.
     *
     * @param network a private one, initialised; it is changed
     * @param plan that its updaters carry
     * @param recipe how to train
     * @param normalisation of the pixels, not measured on the training images
     * @param split training images, as many as the plan says, and held-out images, perhaps none
     * @param listener told about progress
     */
    PrivateTrainer(
            ZooNetwork network,
            DpPlan plan,
            DpRecipe recipe,
            InputNormalisation normalisation,
            Trainer.Split split,
            TrainingListener listener) {
        this.network = network;
        this.plan = plan;
        this.learningRate = recipe.training().learningRate();
        this.average = new WeightAverage(recipe.averaging(), network.model());
        this.normalisation = normalisation;
        this.validation = split.validation();
        this.listener = listener;
        Augmentation augmentation =
                new Augmentation(recipe.training(), split.train().shape(), normalisation);
        this.sampler = PoissonSampler.of(
                new ImageExamples(
                        split.train(),
                        augmentation,
                        augmentationNumbers(plan, recipe.training().seed())),
                plan);
    }

    /** Secret ones, as {@link ImageExamples} asks for; in a plan that is seeded for testing, and not private, those of the seed. */
    static RandomGenerator augmentationNumbers(DpPlan plan, long seed) {
        return plan.isSeededForTesting() ? new SplittableRandom(seed) : new SecureRandom();
    }

    /**
     * Takes all steps of the plan and leaves the averaged weights in the network.
     *
     * @return the figures of every epoch; those on held-out images are NaN when there are none
     * @throws TrainingDivergedException when the loss of a whole epoch is not a number
     */
    List<EpochResult> run() {
        network.model().addListeners(new Steps());
        List<EpochResult> results = new ArrayList<>();
        while (guarded().steps() < plan.plannedSteps()) {
            long start = System.nanoTime();
            lossSum = 0;
            lossCount = 0;
            guarded().fit(sampler);
            double seconds = (System.nanoTime() - start) * 1e-9;
            int epoch = results.size() + 1;
            if (lossCount == 0) {
                throw new TrainingDivergedException(
                        epoch, Math.toIntExact(guarded().steps()), learningRate);
            }
            ClearEvaluation[] held = new ClearEvaluation[1];
            average.during(network.model(), () -> held[0] = ClearEvaluation.of(network, validation, normalisation));
            EpochResult result =
                    new EpochResult(epoch, lossSum / lossCount, held[0].accuracy(), held[0].loss(), seconds);
            results.add(result);
            listener.epochDone(result);
        }
        average.apply(network.model());
        return results;
    }

    private PrivateNetwork guarded() {
        return (PrivateNetwork) network.model();
    }

    /** What happens after every step. */
    private final class Steps extends BaseTrainingListener {
        @Override
        public void iterationDone(Model model, int iteration, int epoch) {
            average.add(model);
            double loss = network.loss();
            if (Double.isFinite(loss)) {
                lossSum += loss;
                lossCount++;
            }
            listener.iterationDone(Math.toIntExact(guarded().steps()), Math.toIntExact(plan.plannedSteps()), loss);
        }
    }
}
