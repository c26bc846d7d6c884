package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.evaluate.ImageNetwork;
import org.veil4j.layers.check.HeCompatibility;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.InputShape;
import org.veil4j.zoo.ModelCard;
import org.veil4j.zoo.PretrainedWeights;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooPreset;
import picocli.CommandLine.Option;

/** Which network: one of the zoo, or a Deeplearning4j zip file. */
final class NetworkOptions {
    @Option(
            names = "--preset",
            paramLabel = "NAME",
            description = "Network of the zoo: cryptonet or cryptonet-l (default: cryptonet).")
    private @Nullable String preset;

    @Option(
            names = "--network",
            paramLabel = "FILE.zip",
            description = "A Deeplearning4j zip file instead of a network of the zoo.")
    private @Nullable Path file;

    @Option(
            names = "--dataset",
            paramLabel = "NAME",
            description = "fashion-mnist, cifar-10 or mnist (default: what FILE.zip was trained on, or fashion-mnist).")
    private @Nullable String dataset;

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

    /** The data set's name. */
    String dataset() throws IOException {
        if (dataset != null) {
            return dataset;
        }
        ModelCard card = file == null ? null : SavedNetwork.read(file).card();
        return card == null ? "fashion-mnist" : card.dataset();
    }

    /**
     * The network.
     *
     * @param known shape of the data set's images, for a file that does not say; null if there is none
     * @throws org.veil4j.layers.check.UnsupportedLayerException if it cannot be encrypted
     */
    ImageNetwork load(@Nullable InputShape known) throws IOException {
        if (file == null) {
            ZooPreset name = ZooPreset.of(preset == null ? "cryptonet" : preset);
            PretrainedWeights weights = PretrainedWeights.load(name, Variant.HE_ALIGNED, dataset());
            return new ImageNetwork(
                    name.id(), weights.network().graph(), weights.card().input(), weights.normalisation());
        }
        if (preset != null) {
            throw new UsageException("--preset and --network: give one of them");
        }
        SavedNetwork saved = SavedNetwork.read(file);
        ModelCard card = saved.card();
        InputShape input = shape != null ? parse(shape) : card != null ? card.input() : known;
        if (input == null) {
            throw new UsageException("network=" + file + ": does not say the shape of its input; add --shape CxHxW");
        }
        return new ImageNetwork(
                String.valueOf(file.getFileName()), graph(saved.model()), input, normalisation(card, input));
    }

    private static ComputationGraph graph(Model model) {
        if (model instanceof MultiLayerNetwork network) {
            HeCompatibility.require(network);
            return network.toComputationGraph();
        }
        ComputationGraph graph = (ComputationGraph) model;
        HeCompatibility.require(graph);
        return graph;
    }

    private InputNormalisation normalisation(@Nullable ModelCard card, InputShape input) {
        if (mean != null || std != null) {
            if (mean == null || std == null || mean.length != input.channels() || std.length != input.channels()) {
                throw new UsageException("--mean and --std: give both, one number for each of the " + input.channels()
                        + " channels, separated by commas");
            }
            return new InputNormalisation(mean, std);
        }
        if (card == null) {
            throw new UsageException("network=" + file + ": does not say how its input was normalised; add --mean and"
                    + " --std, such as --mean 0 --std 255");
        }
        return card.normalisation();
    }

    private static InputShape parse(String text) {
        if (!text.matches("[0-9]{1,6}x[0-9]{1,6}x[0-9]{1,6}")) {
            throw new UsageException("shape=" + text + ": must be channels x height x width, such as 3x32x32");
        }
        String[] parts = text.split("x", -1);
        return new InputShape(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
    }
}
