package org.veil4j.experiments.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.veil4j.experiments.data.DataFileException;
import org.veil4j.experiments.data.DataRepository;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.layers.fit.ActivationRanges;
import org.veil4j.zoo.PretrainedWeights;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooPreset;

class BundledWeightsTest {
    private static PretrainedWeights weights(String dataset) throws IOException {
        return PretrainedWeights.load(ZooPreset.CRYPTONET, Variant.HE_ALIGNED, dataset);
    }

    private static Dataset fashionMnist() throws IOException {
        return DataRepository.open(null).test("fashion-mnist");
    }

    @Test
    void fashionMnist_first1000TestImages_reach85Percent() throws IOException {
        PretrainedWeights w = weights("fashion-mnist");
        assertThat(w.card().testAccuracy()).isGreaterThanOrEqualTo(0.85);
        ClearEvaluation e = ClearEvaluation.of(w.network(), fashionMnist().first(1000), w.normalisation());
        assertThat(e.accuracy()).isGreaterThanOrEqualTo(0.85);
    }

    @Test
    void fashionMnist_activationInputs_stayModerate() throws IOException {
        PretrainedWeights w = weights("fashion-mnist");
        ActivationRanges ranges =
                ActivationRanges.of(w.network().graph()).add(fashionMnist().features(0, 1000, w.normalisation()));
        assertThat(ranges.ranges())
                .hasSize(2)
                .allSatisfy(r -> assertThat(r.largest()).as(r.toString()).isLessThan(15));
    }

    @Test
    @Tag("slow")
    void fashionMnist_allTestImages_haveTheAccuracyOfTheCard() throws IOException {
        PretrainedWeights w = weights("fashion-mnist");
        Dataset test = fashionMnist();
        ClearEvaluation e = ClearEvaluation.of(w.network(), test, w.normalisation());
        assertThat(e.images()).isEqualTo(w.card().testImages());
        assertThat(e.accuracy()).isCloseTo(w.card().testAccuracy(), within(0.0005));
    }

    @Test
    @Tag("slow")
    void cifar10_allTestImages_haveTheAccuracyOfTheCard() throws IOException {
        PretrainedWeights w = weights("cifar-10");
        Dataset test;
        try {
            test = DataRepository.open(null).test("cifar-10");
        } catch (DataFileException e) {
            Assumptions.abort("needs CIFAR-10: set VEIL4J_DATA or go online; " + e.getMessage());
            return;
        }
        assertThat(w.card().testAccuracy()).isGreaterThanOrEqualTo(0.57);
        ClearEvaluation e = ClearEvaluation.of(w.network(), test, w.normalisation());
        assertThat(e.accuracy()).isCloseTo(w.card().testAccuracy(), within(0.0005));
    }
}
