package org.veil4j.zoo;

import java.util.Locale;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * How a network is trained, as data. Adam with its default decay rates; the learning rate warms up linearly and then
 * falls along a cosine, or stays constant.
 *
 * @param batch examples in a mini-batch
 * @param epochs passes over the training set
 * @param learningRate highest learning rate
 * @param cosine true: warm-up, then cosine decay to a hundredth; false: constant
 * @param warmupEpochs length of the warm-up, used with {@code cosine}
 * @param weightDecay decoupled weight decay, multiplied by the learning rate; 0 for none
 * @param clipNorm largest L2 norm of each layer's gradient; 0 for no clipping
 * @param shift each training image moves by up to this many pixels in each direction, filled with zeros; 0 for none
 * @param flip whether each training image is mirrored left to right with probability one half
 * @param contrast how far each training image's contrast varies: its normalised pixels are multiplied by a factor drawn
 *     uniformly from {@code [1 - contrast / 2, 1 + contrast]}; 0 for none. Unseen images of high contrast are what drives
 *     a polynomial's inputs out of range
 * @param rangeLimit absolute input of a polynomial from which on the penalty grows; used with {@code rangePenalty}
 * @param rangePenalty strength s of the penalty {@code s / 2 * max(0, |z| - rangeLimit)^2} on every input z of a
 *     polynomial, which keeps it in the range that encryption can hold; 0 for none. The residual networks' HE-aligned
 *     variants apply it; ReLU and the squares of the CryptoNets do not
 * @param seed of initialisation, order and augmentation
 */
public record TrainingRecipe(
        int batch,
        int epochs,
        double learningRate,
        boolean cosine,
        double warmupEpochs,
        double weightDecay,
        double clipNorm,
        int shift,
        boolean flip,
        double contrast,
        double rangeLimit,
        double rangePenalty,
        long seed) {
    private static final double FINAL_FACTOR = 0.01;
    private static final double RESIDUAL_CONTRAST = 0.6;
    private static final double RANGE_LIMIT = 5;
    private static final double RANGE_PENALTY = 1e-2;

    /**
     * Checks the recipe.
     *
     * @throws IllegalArgumentException naming the first value that is out of range
     */
    public TrainingRecipe {
        require(batch >= 1, "batch", batch, "must be at least 1");
        require(epochs >= 1, "epochs", epochs, "must be at least 1");
        require(learningRate > 0 && learningRate < 10, "learningRate", learningRate, "must be in (0, 10)");
        require(warmupEpochs >= 0 && warmupEpochs < epochs, "warmupEpochs", warmupEpochs, "must be in [0, epochs)");
        require(weightDecay >= 0 && weightDecay < 10, "weightDecay", weightDecay, "must be in [0, 10)");
        require(clipNorm >= 0 && Double.isFinite(clipNorm), "clipNorm", clipNorm, "must be 0 (off) or positive");
        require(shift >= 0 && shift <= 16, "shift", shift, "must be in 0..16 pixels");
        require(contrast >= 0 && contrast <= 1, "contrast", contrast, "must be in [0, 1]; 0 is off");
        require(rangeLimit >= 0 && Double.isFinite(rangeLimit), "rangeLimit", rangeLimit, "must be 0 or positive");
        require(rangePenalty >= 0 && rangePenalty < 10, "rangePenalty", rangePenalty, "must be in [0, 10); 0 is off");
    }

    /**
     * A recipe with the usual range penalty, 0.01 beyond 5, and unchanged contrast.
     *
     * @param batch as in the record
     * @param epochs as in the record
     * @param learningRate as in the record
     * @param cosine as in the record
     * @param warmupEpochs as in the record
     * @param weightDecay as in the record
     * @param clipNorm as in the record
     * @param shift as in the record
     * @param flip as in the record
     * @param seed as in the record
     */
    public TrainingRecipe(
            int batch,
            int epochs,
            double learningRate,
            boolean cosine,
            double warmupEpochs,
            double weightDecay,
            double clipNorm,
            int shift,
            boolean flip,
            long seed) {
        this(
                batch,
                epochs,
                learningRate,
                cosine,
                warmupEpochs,
                weightDecay,
                clipNorm,
                shift,
                flip,
                0,
                RANGE_LIMIT,
                RANGE_PENALTY,
                seed);
    }

    /**
     * The plain recipe of the literature: batch 128, Adam at 1e-3, constant rate, nothing else.
     *
     * @param epochs passes over the training set
     * @return the recipe, seed 1
     */
    public static TrainingRecipe plain(int epochs) {
        return new TrainingRecipe(128, epochs, 1e-3, false, 0, 0, 0, 0, false, 0, 0, 0, 1);
    }

    /**
     * The recipe for the CryptoNets: warm-up and cosine decay, clipping, light weight decay and augmentation.
     *
     * @param epochs passes over the training set, at least 2
     * @return the recipe, seed 1
     */
    public static TrainingRecipe standard(int epochs) {
        return new TrainingRecipe(128, epochs, 3e-3, true, Math.min(1, epochs / 2.0), 1e-2, 1, 1, true, 1);
    }

    /**
     * The recipe for the residual networks, found on held-out images: as {@link #standard}, with a higher learning rate and
     * images of varying contrast.
     *
     * @param epochs passes over the training set, at least 2
     * @return the recipe, seed 1
     */
    public static TrainingRecipe residual(int epochs) {
        return new TrainingRecipe(
                128,
                epochs,
                5e-3,
                true,
                Math.min(1, epochs / 2.0),
                1e-2,
                1,
                1,
                true,
                RESIDUAL_CONTRAST,
                RANGE_LIMIT,
                RANGE_PENALTY,
                1);
    }

    /**
     * Makes the updater that carries the learning-rate schedule.
     *
     * @param iterationsPerEpoch mini-batches in an epoch, at least 1
     * @return an Adam configuration
     */
    public IUpdater updater(int iterationsPerEpoch) {
        if (!cosine) {
            return new Adam(learningRate);
        }
        int warmup = (int) Math.round(warmupEpochs * iterationsPerEpoch);
        return new Adam(new WarmupCosineSchedule(learningRate, warmup, epochs * iterationsPerEpoch, FINAL_FACTOR));
    }

    /**
     * The recipe in one line.
     *
     * @return readable text
     */
    public String describe() {
        return describe("Adam");
    }

    /** The recipe in one line, with another optimizer's name. */
    String describe(String optimizer) {
        return String.format(
                Locale.ROOT,
                "%s, batch %d, %d epochs, learning rate %s%s, weight decay %s, clipping %s, shift %d, flip %s,"
                        + " contrast %s, range penalty of polynomials %s, seed %d",
                optimizer,
                batch,
                epochs,
                learningRate,
                cosine ? " (warm-up of " + warmupEpochs + " epochs, then a cosine)" : " (constant)",
                weightDecay,
                clipNorm == 0 ? "off" : "at L2 norm " + clipNorm + " per layer",
                shift,
                flip ? "on" : "off",
                contrast == 0 ? "as it is" : "varied by " + contrast,
                rangePenalty == 0 ? "off" : rangePenalty + " beyond " + rangeLimit,
                seed);
    }

    /**
     * The same recipe with another length.
     *
     * @param epochs passes over the training set
     * @return a copy; warm-up is cut to half of it when longer
     */
    public TrainingRecipe withEpochs(int epochs) {
        return new TrainingRecipe(
                batch,
                epochs,
                learningRate,
                cosine,
                Math.min(warmupEpochs, epochs / 2.0),
                weightDecay,
                clipNorm,
                shift,
                flip,
                contrast,
                rangeLimit,
                rangePenalty,
                seed);
    }

    private static void require(boolean ok, String name, Object value, String rule) {
        if (!ok) {
            throw new IllegalArgumentException(name + "=" + value + ": " + rule);
        }
    }
}
