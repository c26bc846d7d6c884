package org.veil4j.experiments.train;

import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.layers.fit.ActivationRange;
import org.veil4j.layers.fit.ActivationRanges;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.ZooNetwork;

/** What the activations of a network see on a whole data set. */
public final class MeasuredRanges {
    private static final int BATCH = 250;

    private MeasuredRanges() {}

    /**
     * Runs a network over a data set in inference mode. After private training give public images, such as the test set: extremes
     * of private ones are not covered by the guarantee.
     *
     * @param network any; stays as it is
     * @param data the images
     * @param normalisation of the pixels
     * @return one entry an activation, in the network's order
     */
    public static List<ActivationRange> of(ZooNetwork network, Dataset data, InputNormalisation normalisation) {
        ActivationRanges ranges = network.model() instanceof MultiLayerNetwork layered
                ? ActivationRanges.of(layered)
                : ActivationRanges.of(network.graph());
        for (int from = 0; from < data.size(); from += BATCH) {
            ranges.add(data.features(from, Math.min(BATCH, data.size() - from), normalisation));
        }
        return ranges.ranges();
    }
}
