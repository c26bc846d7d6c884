package org.veil4j.experiments.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.veil4j.experiments.data.DataRepository;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.he.dl4j.Dl4jImporter;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.layers.fit.ActivationRange;
import org.veil4j.layers.fit.ActivationRanges;
import org.veil4j.zoo.InputShape;
import org.veil4j.zoo.PretrainedWeights;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooPreset;

class BundledWeightsTest {
    private static final int SQUARES = 2;

    private static PretrainedWeights weights(ZooPreset preset, String dataset) throws IOException {
        return PretrainedWeights.load(preset, Variant.HE_ALIGNED, dataset);
    }

    private static Dataset fashionMnist() throws IOException {
        return DataRepository.open(null).test("fashion-mnist");
    }

    @ParameterizedTest
    @CsvSource({"CRYPTONET, 0.85", "CRYPTONET_L, 0.88"})
    void fashionMnist_first1000TestImages_areClassified(ZooPreset preset, double accuracy) throws IOException {
        PretrainedWeights w = weights(preset, "fashion-mnist");
        assertThat(w.card().testAccuracy()).isGreaterThanOrEqualTo(accuracy);
        ClearEvaluation e = ClearEvaluation.of(w.network(), fashionMnist().first(1000), w.normalisation());
        assertThat(e.accuracy()).isGreaterThanOrEqualTo(accuracy);
    }

    @ParameterizedTest
    @CsvSource({"CRYPTONET", "CRYPTONET_L"})
    void fashionMnist_activationInputs_stayModerate(ZooPreset preset) throws IOException {
        PretrainedWeights w = weights(preset, "fashion-mnist");
        ActivationRanges ranges =
                ActivationRanges.of(w.network().graph()).add(fashionMnist().features(0, 1000, w.normalisation()));
        assertThat(ranges.ranges())
                .hasSize(SQUARES)
                .allSatisfy(r -> assertThat(r.largest()).as(r.toString()).isLessThan(15));
    }

    @ParameterizedTest
    @CsvSource({"fashion-mnist, 0.89", "cifar-10, 0.64"})
    void cryptoNetL_cardStatesAccuracyAndRangesOfAllTestImages(String dataset, double accuracy) throws IOException {
        PretrainedWeights w = weights(ZooPreset.CRYPTONET_L, dataset);
        assertThat(w.card().testImages()).isEqualTo(10_000);
        assertThat(w.card().testAccuracy())
                .isGreaterThanOrEqualTo(accuracy)
                .isGreaterThanOrEqualTo(
                        weights(ZooPreset.CRYPTONET, dataset).card().testAccuracy());
        BundledNetworks.assertInRange(w.card().activationRanges(), SQUARES);
    }

    @Test
    void available_everyNetwork_isAcceptedByTheImporter() throws IOException {
        for (String name : PretrainedWeights.available()) {
            String[] parts = name.split("/", -1);
            PretrainedWeights w = PretrainedWeights.load(ZooPreset.of(parts[0]), Variant.of(parts[1]), parts[2]);
            InputShape in = w.card().input();
            NetworkGraph graph = Dl4jImporter.importNetwork(
                    w.network().graph(), new TensorShape(in.channels(), in.height(), in.width()));
            assertThat(graph.output().shape().size()).as(name).isEqualTo(10);
        }
    }

    @ParameterizedTest
    @Tag("slow")
    @CsvSource({
        "CRYPTONET, fashion-mnist, 0.85",
        "CRYPTONET, cifar-10, 0.57",
        "CRYPTONET_L, fashion-mnist, 0.89",
        "CRYPTONET_L, cifar-10, 0.64"
    })
    void allTestImages_haveTheAccuracyOfTheCard(ZooPreset preset, String dataset, double accuracy) throws IOException {
        PretrainedWeights w = weights(preset, dataset);
        Dataset test = BundledNetworks.testOrAbort(dataset);
        assertThat(w.card().testAccuracy()).isGreaterThanOrEqualTo(accuracy);
        ClearEvaluation e = ClearEvaluation.of(w.network(), test, w.normalisation());
        assertThat(e.images()).isEqualTo(w.card().testImages());
        assertThat(e.accuracy()).isCloseTo(w.card().testAccuracy(), within(0.0005));
    }

    @ParameterizedTest
    @Tag("slow")
    @CsvSource({"fashion-mnist", "cifar-10"})
    void cryptoNetL_allImages_keepSquaresInRange(String dataset) throws IOException {
        PretrainedWeights w = weights(ZooPreset.CRYPTONET_L, dataset);
        List<ActivationRange> test =
                MeasuredRanges.of(w.network(), BundledNetworks.testOrAbort(dataset), w.normalisation());
        BundledNetworks.assertInRange(test, SQUARES);
        BundledNetworks.assertLargestAsStated(test, w.card());
        BundledNetworks.assertInRange(
                MeasuredRanges.of(w.network(), BundledNetworks.trainOrAbort(dataset), w.normalisation()), SQUARES);
    }
}
