package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.data.DataRepository;
import org.veil4j.experiments.evaluate.NetworkBody;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.InputShape;
import org.veil4j.zoo.ModelCard;
import org.veil4j.zoo.SqueezeNet;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which network's body makes features, where it is cut, and what it wants of its images. */
final class BodyOptions {
    @Option(
            names = "--network",
            paramLabel = "NAME",
            required = true,
            description = "squeezenet (v1.1, 512 features), or a Deeplearning4j zip file.")
    private String network = SqueezeNetOption.NAME;

    @Mixin
    private final SqueezeNetOption weights = new SqueezeNetOption();

    @Option(
            names = "--layer",
            paramLabel = "NAME",
            description = "The layer whose output becomes features (default: the one before the output layer).")
    private @Nullable String layer;

    @Option(
            names = "--average-maps",
            description = "Average each map of a convolutional layer to one feature; otherwise each value is one.")
    private boolean averageMaps;

    @Mixin
    private final ImageOptions images = new ImageOptions();

    @Option(names = "--bgr", description = "The network of the zip file wants blue, green, red.")
    private boolean bgr;

    /**
     * A body ready for images.
     *
     * @param name for reports
     * @param file where its weights are
     * @param network cut at the layer
     * @param input shape that it wants
     * @param normalisation of the pixels
     * @param reversed whether it wants blue, green, red
     * @param averageMaps whether maps are averaged
     */
    record Body(
            String name,
            Path file,
            NetworkBody network,
            InputShape input,
            InputNormalisation normalisation,
            boolean reversed,
            boolean averageMaps) {}

    /** The body for images of a shape; its weights may be in the data folder. */
    Body load(InputShape known, DataRepository data) throws IOException {
        return network.equals(SqueezeNetOption.NAME) ? squeezeNet(data) : saved(Path.of(network), known);
    }

    private Body squeezeNet(DataRepository data) throws IOException {
        if (images.normalised() || bgr) {
            throw new UsageException("--mean, --std and --bgr: squeezenet has its own normalisation; leave them out");
        }
        InputShape given = images.shape();
        InputShape input = given == null ? new InputShape(3, SqueezeNet.SIZE, SqueezeNet.SIZE) : given;
        if (input.channels() != 3 || input.height() < SqueezeNet.MIN_SIZE || input.width() < SqueezeNet.MIN_SIZE) {
            throw new UsageException("shape=" + input + ": squeezenet takes 3 channels and at least "
                    + SqueezeNet.MIN_SIZE + " rows and columns; such as 3x224x224");
        }
        Path file = weights.file(data);
        NetworkBody body = NetworkBody.cut(SqueezeNetOption.load(file), layer);
        return new Body(SqueezeNetOption.NAME, file, body, input, SqueezeNet.normalisation(), true, averageMaps);
    }

    private Body saved(Path file, InputShape known) throws IOException {
        if (weights.given()) {
            throw new UsageException("--weights: belongs to squeezenet; a zip file has its own, leave it out");
        }
        SavedNetwork saved = SavedNetwork.read(file);
        ModelCard card = saved.card();
        InputShape given = images.shape();
        InputShape input = given != null ? given : card != null ? card.input() : known;
        return new Body(
                String.valueOf(file.getFileName()),
                file,
                NetworkBody.cut(saved.model(), layer),
                input,
                images.normalisation(card, input, file),
                bgr,
                averageMaps);
    }
}
