package org.veil4j.experiments.train;

import java.util.List;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.ModelCard;
import org.veil4j.zoo.TrainingRecipe;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooNetwork;
import org.veil4j.zoo.ZooPreset;

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
     * @param preset the network
     * @param variant of it
     * @param recipe how
     * @param train the published training set
     * @param test the published test set
     * @param heldOut how many training images to hold out for validation
     * @param command for the card: the command that makes this network
     * @param listener told about progress
     * @return the network with its card
     */
    public static TrainingRun execute(
            ZooPreset preset,
            Variant variant,
            TrainingRecipe recipe,
            Dataset train,
            Dataset test,
            int heldOut,
            String command,
            TrainingListener listener) {
        Trainer.Split split = Trainer.Split.of(train, heldOut, recipe.seed());
        InputNormalisation normalisation =
                InputNormalisation.measure(split.train().images(), train.shape().channels());
        int perEpoch = Trainer.iterationsPerEpoch(split.train().size(), recipe.batch());
        ZooNetwork network =
                preset.configuration(variant, train.shape(), recipe, perEpoch).network();
        List<EpochResult> epochs = new Trainer(network, recipe, normalisation, split, listener).run();
        ClearEvaluation tested = ClearEvaluation.of(network, test, normalisation);
        ModelCard card = new ModelCard(
                preset.id(),
                variant.id(),
                train.name(),
                train.shape(),
                train.classNames(),
                normalisation,
                recipe.describe(),
                command,
                epochs.get(epochs.size() - 1).validationAccuracy(),
                tested.accuracy(),
                tested.images());
        return new TrainingRun(network, card, epochs);
    }
}
