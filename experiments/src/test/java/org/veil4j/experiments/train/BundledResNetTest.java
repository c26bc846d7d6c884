package org.veil4j.experiments.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.veil4j.experiments.data.DataRepository;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.layers.check.HeCompatibility;
import org.veil4j.layers.fit.ActivationRange;
import org.veil4j.zoo.PretrainedWeights;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooPreset;

/** The trained HE-aligned ResNets: as accurate as their cards say, and every polynomial in range. */
class BundledResNetTest {
    private static final int POLYNOMIALS = 9;

    private static PretrainedWeights weights(ZooPreset preset, String dataset) throws IOException {
        return PretrainedWeights.load(preset, Variant.HE_ALIGNED, dataset);
    }

    private static void assertInRange(List<ActivationRange> ranges) {
        BundledNetworks.assertInRange(ranges, POLYNOMIALS);
    }

    @ParameterizedTest
    @CsvSource({
        "TINY_RESNET, fashion-mnist, 0.89",
        "TINY_RESNET, cifar-10, 0.66",
        "WIDE_RESNET, fashion-mnist, 0.90",
        "WIDE_RESNET, cifar-10, 0.71"
    })
    void card_statesAccuracyAndRangesOfAllTestImages(ZooPreset preset, String dataset, double accuracy)
            throws IOException {
        PretrainedWeights w = weights(preset, dataset);
        assertThat(w.card().testImages()).isEqualTo(10_000);
        assertThat(w.card().testAccuracy()).isGreaterThanOrEqualTo(accuracy);
        assertInRange(w.card().activationRanges());
        assertThat(w.card().activationRanges())
                .allSatisfy(r -> assertThat(r.count() % w.card().testImages()).isZero());
        assertThat(HeCompatibility.check(w.network().graph())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"TINY_RESNET, 0.88", "WIDE_RESNET, 0.90"})
    void fashionMnist_first500TestImages_areClassifiedInRange(ZooPreset preset, double accuracy) throws IOException {
        PretrainedWeights w = weights(preset, "fashion-mnist");
        Dataset images = DataRepository.open(null).test("fashion-mnist").first(500);
        assertThat(ClearEvaluation.of(w.network(), images, w.normalisation()).accuracy())
                .isGreaterThanOrEqualTo(accuracy);
        assertInRange(MeasuredRanges.of(w.network(), images, w.normalisation()));
    }

    @ParameterizedTest
    @Tag("slow")
    @CsvSource({
        "TINY_RESNET, fashion-mnist",
        "TINY_RESNET, cifar-10",
        "WIDE_RESNET, fashion-mnist",
        "WIDE_RESNET, cifar-10"
    })
    void allTestImages_haveTheAccuracyAndTheRangesOfTheCard(ZooPreset preset, String dataset) throws IOException {
        PretrainedWeights w = weights(preset, dataset);
        Dataset test = BundledNetworks.testOrAbort(dataset);
        ClearEvaluation e = ClearEvaluation.of(w.network(), test, w.normalisation());
        assertThat(e.accuracy()).isCloseTo(w.card().testAccuracy(), within(0.0005));
        List<ActivationRange> ranges = MeasuredRanges.of(w.network(), test, w.normalisation());
        assertInRange(ranges);
        BundledNetworks.assertLargestAsStated(ranges, w.card());
    }

    @ParameterizedTest
    @Tag("slow")
    @CsvSource({
        "TINY_RESNET, fashion-mnist",
        "TINY_RESNET, cifar-10",
        "WIDE_RESNET, fashion-mnist",
        "WIDE_RESNET, cifar-10"
    })
    void allTrainingImages_keepPolynomialsInRange(ZooPreset preset, String dataset) throws IOException {
        PretrainedWeights w = weights(preset, dataset);
        assertInRange(MeasuredRanges.of(w.network(), BundledNetworks.trainOrAbort(dataset), w.normalisation()));
    }
}
