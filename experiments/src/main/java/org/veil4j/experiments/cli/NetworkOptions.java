package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.evaluate.ImageNetwork;
import org.veil4j.layers.check.HeCompatibility;
import org.veil4j.zoo.InputShape;
import org.veil4j.zoo.ModelCard;
import org.veil4j.zoo.PretrainedWeights;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooPreset;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which network: one of the zoo, or a Deeplearning4j zip file. */
final class NetworkOptions {
    @Option(
            names = "--preset",
            paramLabel = "NAME",
            description = "Network of the zoo that has trained weights: cryptonet, cryptonet-l, or tiny-resnet and"
                    + " wide-resnet, a batch of which needs over 130 and over 500 GB of memory"
                    + " (default: cryptonet).")
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

    @Mixin
    private final ImageOptions images = new ImageOptions();

    /** The data set's name. */
    String dataset() throws IOException {
        String known = knownDataset();
        return known == null ? "fashion-mnist" : known;
    }

    /** The name of the data set that the network is for; null where nothing says so. */
    @Nullable
    String knownDataset() throws IOException {
        if (dataset != null) {
            return dataset;
        }
        if (file == null) {
            return "fashion-mnist";
        }
        ModelCard card = SavedNetwork.read(file).card();
        return card == null ? null : card.dataset();
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
        InputShape given = images.shape();
        InputShape input = given != null ? given : card != null ? card.input() : known;
        if (input == null) {
            throw new UsageException("network=" + file + ": does not say the shape of its input; add --shape CxHxW");
        }
        return new ImageNetwork(
                String.valueOf(file.getFileName()),
                graph(saved.model()),
                input,
                images.normalisation(card, input, file));
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
}
