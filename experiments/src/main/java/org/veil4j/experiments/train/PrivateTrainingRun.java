package org.veil4j.experiments.train;

import java.util.Arrays;
import java.util.List;
import org.veil4j.dp.accounting.PrivacyGuarantee;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.dp.train.DpComputationGraph;
import org.veil4j.dp.train.DpMultiLayerNetwork;
import org.veil4j.dp.train.PrivateNetwork;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.zoo.DpRecipe;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.InputShape;
import org.veil4j.zoo.ModelCard;
import org.veil4j.zoo.ZooNetwork;

/**
 * Trains a zoo network with differential privacy, from nothing to a card. Nothing but the private steps looks at the training
 * images: pixels are normalised by constants. The test set, which the guarantee does not protect, is looked at once, at
 * the end.
 *
 * @param network the trained network
 * @param card what is known about it
 * @param epochs the figures of every epoch; not private
 * @param guarantee of the steps taken
 * @param accuracyTrain fraction right on (at most 10,000 of) the training images; not private
 */
public record PrivateTrainingRun(
        ZooNetwork network,
        ModelCard card,
        List<EpochResult> epochs,
        PrivacyGuarantee guarantee,
        double accuracyTrain) {
    private static final double PIXEL_MEAN = 127.5;
    private static final double PIXEL_DEVIATION = 63.75;
    private static final int TRAINING_IMAGES_SEEN = 10_000;

    /**
     * Trains.
     *
     * @param job what on what; usually holds out no image: what is chosen on held-out images is not covered
     * @param recipe how
     * @param plan whose examples are the training images without those held out
     * @param command for the card: the command that makes such a network
     * @param listener told about progress
     * @return the network with its card
     */
    public static PrivateTrainingRun execute(
            TrainingJob job, DpRecipe recipe, DpPlan plan, String command, TrainingListener listener) {
        Trainer.Split split = job.split(recipe.training().seed());
        InputShape shape = job.train().shape();
        InputNormalisation normalisation = normalisation(shape.channels());
        ZooNetwork network = job.preset()
                .configuration(job.variant(), shape, recipe.training(), recipe.updater(plan))
                .network(DpMultiLayerNetwork::new, DpComputationGraph::new);
        List<EpochResult> epochs = new PrivateTrainer(network, plan, recipe, normalisation, split, listener).run();
        ClearEvaluation tested = ClearEvaluation.of(network, job.test(), normalisation);
        Dataset seen =
                split.train().first(Math.min(TRAINING_IMAGES_SEEN, split.train().size()));
        double accuracyTrain = ClearEvaluation.of(network, seen, normalisation).accuracy();
        PrivacyGuarantee guarantee = ((PrivateNetwork) network.model()).guarantee();
        ModelCard card = new ModelCard(
                job.preset().id(),
                job.variant().id(),
                job.train().name(),
                shape,
                job.train().classNames(),
                normalisation,
                recipe.describe() + "; " + guarantee,
                command,
                epochs.get(epochs.size() - 1).validationAccuracy(),
                tested.accuracy(),
                tested.images());
        return new PrivateTrainingRun(network, card, epochs, guarantee, accuracyTrain);
    }

    /** The same for every data set, as figures measured on the training images would not be covered by the guarantee. */
    static InputNormalisation normalisation(int channels) {
        double[] mean = new double[channels];
        double[] deviation = new double[channels];
        Arrays.fill(mean, PIXEL_MEAN);
        Arrays.fill(deviation, PIXEL_DEVIATION);
        return new InputNormalisation(mean, deviation);
    }
}
