package org.veil4j.experiments.cli;

import org.jspecify.annotations.Nullable;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.InputShape;
import org.veil4j.zoo.ModelCard;
import picocli.CommandLine.Option;

/** What a network wants of its images, where its file does not say. */
final class ImageOptions {
    @Option(
            names = "--shape",
            paramLabel = "CxHxW",
            description = "Shape of an image, for a file that does not say, such as 1x28x28.")
    private @Nullable String shape;

    @Option(
            names = "--mean",
            split = ",",
            paramLabel = "X",
            description =
                    "What was subtracted from pixels 0 to 255, for a file that does not say; one number a channel.")
    private double @Nullable [] mean;

    @Option(
            names = "--std",
            split = ",",
            paramLabel = "X",
            description = "What pixels were then divided by, one number a channel.")
    private double @Nullable [] std;

    /** The shape asked for, null if none was. */
    @Nullable
    InputShape shape() {
        if (shape == null) {
            return null;
        }
        if (!shape.matches("[0-9]{1,6}x[0-9]{1,6}x[0-9]{1,6}")) {
            throw new UsageException("shape=" + shape + ": must be channels x height x width, such as 3x32x32");
        }
        String[] parts = shape.split("x", -1);
        return new InputShape(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
    }

    /** Whether a normalisation was asked for. */
    boolean normalised() {
        return mean != null || std != null;
    }

    /** The normalisation asked for, or else that of the card. */
    InputNormalisation normalisation(@Nullable ModelCard card, InputShape input, Object network) {
        if (mean != null || std != null) {
            if (mean == null || std == null || mean.length != input.channels() || std.length != input.channels()) {
                throw new UsageException("--mean and --std: give both, one number for each of the " + input.channels()
                        + " channels, separated by commas");
            }
            return new InputNormalisation(mean, std);
        }
        if (card == null) {
            throw new UsageException("network=" + network + ": does not say how its input was normalised; add --mean"
                    + " and --std, such as --mean 0 --std 255");
        }
        return card.normalisation();
    }
}
