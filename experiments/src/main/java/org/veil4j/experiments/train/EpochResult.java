package org.veil4j.experiments.train;

/**
 * Figures of one epoch.
 *
 * @param epoch from 1
 * @param loss mean training loss
 * @param validationAccuracy fraction right on the held-out images
 * @param validationLoss mean cross-entropy on the held-out images
 * @param seconds that the epoch took, without validation
 */
public record EpochResult(int epoch, double loss, double validationAccuracy, double validationLoss, double seconds) {}
