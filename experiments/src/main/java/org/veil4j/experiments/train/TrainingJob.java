package org.veil4j.experiments.train;

import org.veil4j.experiments.data.Dataset;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooPreset;

/**
 * What is trained on what.
 *
 * @param preset the network
 * @param variant of it
 * @param train the published training set
 * @param test the published test set
 * @param heldOut how many training images to hold out for validation
 */
public record TrainingJob(ZooPreset preset, Variant variant, Dataset train, Dataset test, int heldOut) {
    /**
     * Checks the number of held-out images.
     *
     * @throws IllegalArgumentException when it is negative or leaves nothing to train on
     */
    public TrainingJob {
        if (heldOut < 0 || heldOut >= train.size()) {
            throw new IllegalArgumentException(
                    "validation=" + heldOut + ": images to hold out, must be in 0.." + (train.size() - 1));
        }
    }

    /** Images to train on: those that are not held out. */
    public int trainingImages() {
        return train.size() - heldOut;
    }

    /** Training images and held-out images, chosen at random. */
    Trainer.Split split(long seed) {
        return heldOut == 0 ? new Trainer.Split(train, train.first(0)) : Trainer.Split.of(train, heldOut, seed);
    }
}
