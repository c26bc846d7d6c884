package org.veil4j.experiments.train;

import java.util.List;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.InputShape;
import org.veil4j.zoo.ModelCard;
import org.veil4j.zoo.TrainingRecipe;
import org.veil4j.zoo.ZooNetwork;

/**
 * Trains a zoo network from nothing to a card: measures the normalisation, holds out validation images, trains, and
 * looks at the test set once, at the end.
 *
 * @param network the trained network
 * @param card what is known about it
 * @param epochs the figures of every epoch
 */
public record TrainingRun(ZooNetwork network, ModelCard card, List<EpochResult> epochs) {
    /**
     * Trains.
     *
     * @param job what on what; holds out at least one image
     * @param recipe how
     * @param command for the card: the command that makes this network
     * @param listener told about progress
     * @return the network with its card
     */
    public static TrainingRun execute(
            TrainingJob job, TrainingRecipe recipe, String command, TrainingListener listener) {
        Trainer.Split split = Trainer.Split.of(job.train(), job.heldOut(), recipe.seed());
        InputShape shape = job.train().shape();
        InputNormalisation normalisation =
                InputNormalisation.measure(split.train().images(), shape.channels());
        int perEpoch = Trainer.iterationsPerEpoch(split.train().size(), recipe.batch());
        ZooNetwork network = job.preset()
                .configuration(job.variant(), shape, recipe, perEpoch)
                .network();
        List<EpochResult> epochs = new Trainer(network, recipe, normalisation, split, listener).run();
        ClearEvaluation tested = ClearEvaluation.of(network, job.test(), normalisation);
        ModelCard card = new ModelCard(
                job.preset().id(),
                job.variant().id(),
                job.train().name(),
                shape,
                job.train().classNames(),
                normalisation,
                recipe.describe(),
                command,
                epochs.get(epochs.size() - 1).validationAccuracy(),
                tested.accuracy(),
                tested.images());
        return new TrainingRun(network, card, epochs);
    }
}
