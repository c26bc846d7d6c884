package org.veil4j.experiments.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.veil4j.experiments.data.DataFileException;
import org.veil4j.experiments.data.DataRepository;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.layers.check.HeCompatibility;
import org.veil4j.layers.fit.ActivationRange;
import org.veil4j.zoo.PretrainedWeights;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooPreset;

/** The trained HE-aligned Tiny ResNets: as accurate as their cards say, and every polynomial in range. */
class BundledResNetTest {
    private static final double RANGE = 20;
    private static final int POLYNOMIALS = 9;

    private static PretrainedWeights weights(String dataset) throws IOException {
        return PretrainedWeights.load(ZooPreset.TINY_RESNET, Variant.HE_ALIGNED, dataset);
    }

    private static void assertInRange(List<ActivationRange> ranges) {
        assertThat(ranges)
                .hasSize(POLYNOMIALS)
                .allSatisfy(r -> assertThat(r.largest()).as(r.toString()).isLessThanOrEqualTo(RANGE));
    }

    @ParameterizedTest
    @CsvSource({"fashion-mnist, 0.89", "cifar-10, 0.66"})
    void card_statesAccuracyAndRangesOfAllTestImages(String dataset, double accuracy) throws IOException {
        PretrainedWeights w = weights(dataset);
        assertThat(w.card().testImages()).isEqualTo(10_000);
        assertThat(w.card().testAccuracy()).isGreaterThanOrEqualTo(accuracy);
        assertInRange(w.card().activationRanges());
        assertThat(w.card().activationRanges())
                .allSatisfy(r -> assertThat(r.count() % w.card().testImages()).isZero());
        assertThat(HeCompatibility.check(w.network().graph())).isEmpty();
    }

    @Test
    void fashionMnist_first500TestImages_areClassifiedInRange() throws IOException {
        PretrainedWeights w = weights("fashion-mnist");
        Dataset images = DataRepository.open(null).test("fashion-mnist").first(500);
        assertThat(ClearEvaluation.of(w.network(), images, w.normalisation()).accuracy())
                .isGreaterThanOrEqualTo(0.88);
        assertInRange(MeasuredRanges.of(w.network(), images, w.normalisation()));
    }

    @ParameterizedTest
    @Tag("slow")
    @CsvSource({"fashion-mnist", "cifar-10"})
    void allTestImages_haveTheAccuracyAndTheRangesOfTheCard(String dataset) throws IOException {
        PretrainedWeights w = weights(dataset);
        Dataset test;
        try {
            test = DataRepository.open(null).test(dataset);
        } catch (DataFileException e) {
            Assumptions.abort("needs " + dataset + ": set VEIL4J_DATA or go online; " + e.getMessage());
            return;
        }
        ClearEvaluation e = ClearEvaluation.of(w.network(), test, w.normalisation());
        assertThat(e.accuracy()).isCloseTo(w.card().testAccuracy(), within(0.0005));
        List<ActivationRange> ranges = MeasuredRanges.of(w.network(), test, w.normalisation());
        assertInRange(ranges);
        for (int i = 0; i < ranges.size(); i++) {
            ActivationRange stated = w.card().activationRanges().get(i);
            assertThat(ranges.get(i).layer()).isEqualTo(stated.layer());
            assertThat(ranges.get(i).largest()).isCloseTo(stated.largest(), within(0.01 * stated.largest()));
        }
    }
}
