package org.veil4j.experiments.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.veil4j.experiments.data.DataFileException;
import org.veil4j.experiments.data.DataRepository;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.layers.fit.ActivationRange;
import org.veil4j.zoo.ModelCard;

/** What the tests of bundled weights share. */
final class BundledNetworks {
    private static final double RANGE = 20;

    private BundledNetworks() {}

    /** Every activation is measured, and none has an input that is too large. */
    static void assertInRange(List<ActivationRange> ranges, int activations) {
        assertThat(ranges)
                .hasSize(activations)
                .allSatisfy(r -> assertThat(r.largest()).as(r.toString()).isLessThanOrEqualTo(RANGE));
    }

    /** What was measured is what the card says. */
    static void assertLargestAsStated(List<ActivationRange> ranges, ModelCard card) {
        for (int i = 0; i < ranges.size(); i++) {
            ActivationRange stated = card.activationRanges().get(i);
            assertThat(ranges.get(i).layer()).isEqualTo(stated.layer());
            assertThat(ranges.get(i).largest()).isCloseTo(stated.largest(), within(0.01 * stated.largest()));
        }
    }

    /** A test set; ends the test where it is neither on this machine nor to be had. */
    static Dataset testOrAbort(String dataset) throws IOException {
        try {
            return DataRepository.open(null).test(dataset);
        } catch (DataFileException e) {
            throw abort(dataset, e);
        }
    }

    /** A training set; ends the test where it is neither on this machine nor to be had. */
    static Dataset trainOrAbort(String dataset) throws IOException {
        try {
            return DataRepository.open(null).train(dataset);
        } catch (DataFileException e) {
            throw abort(dataset, e);
        }
    }

    private static AssertionError abort(String dataset, DataFileException e) {
        Assumptions.abort("needs " + dataset + ": set VEIL4J_DATA or go online; " + e.getMessage());
        return new AssertionError(e);
    }
}
