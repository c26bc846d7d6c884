package org.veil4j.experiments.cli;

import org.jspecify.annotations.Nullable;
import org.veil4j.zoo.TrainingRecipe;
import picocli.CommandLine.Option;

/** How to train: what is given replaces a value of the preset's recipe. */
final class RecipeOptions {
    @Option(names = "--epochs", description = "passes over the training set (30; with --dp by preset)")
    private @Nullable Integer epochs;

    @Option(
            names = "--batch",
            description = "examples in a mini-batch (128), with --dp the expected number (by preset)")
    private @Nullable Integer batch;

    @Option(names = "--learning-rate", description = "highest learning rate (0.003; with --dp by preset)")
    private @Nullable Double learningRate;

    @Option(names = "--constant-rate", description = "keep the learning rate constant: no warm-up, no cosine decay")
    private boolean constantRate;

    @Option(names = "--weight-decay", description = "decoupled weight decay (0.01; with --dp 0)")
    private @Nullable Double weightDecay;

    @Option(names = "--clip", description = "largest L2 norm of a layer's gradient, 0: off (1); not with --dp")
    private @Nullable Double clip;

    @Option(names = "--shift", description = "move training images by up to this many pixels (1; with --dp by preset)")
    private @Nullable Integer shift;

    @Option(names = "--no-flip", description = "do not mirror training images")
    private boolean noFlip;

    @Option(names = "--flip", description = "mirror training images (on without --dp)")
    private boolean flip;

    @Option(
            names = "--contrast",
            description = "vary training images' contrast: multiply normalised pixels by a random factor in"
                    + " [1 - C/2, 1 + C], 0: off (by preset)")
    private @Nullable Double contrast;

    @Option(
            names = "--range-limit",
            description = "absolute input of a polynomial where the penalty begins (by preset)")
    private @Nullable Double rangeLimit;

    @Option(names = "--range-penalty", description = "strength of the penalty on larger inputs, 0: off (by preset)")
    private @Nullable Double rangePenalty;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "of initialisation, order, augmentation; never of the noise (${DEFAULT-VALUE})")
    private long seed = 1;

    /** The recipe with the given values in place. */
    TrainingRecipe over(TrainingRecipe base) {
        if (flip && noFlip) {
            throw new UsageException("--flip and --no-flip: choose one");
        }
        int length = epochs == null ? base.epochs() : epochs;
        boolean cosine = base.cosine() && !constantRate;
        return new TrainingRecipe(
                batch == null ? base.batch() : batch,
                length,
                learningRate == null ? base.learningRate() : learningRate,
                cosine,
                cosine ? Math.min(base.warmupEpochs(), length / 2.0) : 0,
                weightDecay == null ? base.weightDecay() : weightDecay,
                clip == null ? base.clipNorm() : clip,
                shift == null ? base.shift() : shift,
                flip || (base.flip() && !noFlip),
                contrast == null ? base.contrast() : contrast,
                rangeLimit == null ? base.rangeLimit() : rangeLimit,
                rangePenalty == null ? base.rangePenalty() : rangePenalty,
                seed);
    }

    /** Options that make exactly this recipe, starting with a blank. */
    static String options(TrainingRecipe r) {
        return " --epochs " + r.epochs() + " --batch " + r.batch() + " --learning-rate " + r.learningRate()
                + " --weight-decay " + r.weightDecay() + " --clip " + r.clipNorm() + " --shift " + r.shift()
                + (r.cosine() ? "" : " --constant-rate") + (r.flip() ? " --flip" : " --no-flip")
                + " --contrast " + r.contrast() + " --range-limit " + r.rangeLimit() + " --range-penalty "
                + r.rangePenalty() + " --seed "
                + r.seed();
    }
}
