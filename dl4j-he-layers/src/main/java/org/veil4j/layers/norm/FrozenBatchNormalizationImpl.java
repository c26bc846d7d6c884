package org.veil4j.layers.norm;

import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.veil4j.layers.activation.FusedActivation;
import org.veil4j.layers.kernel.Elements;

/** An affine map of each channel whose statistics are constants. */
final class FrozenBatchNormalizationImpl extends ExampleNormalizationImpl<FrozenBatchNormalization> {
    private static final long serialVersionUID = 1L;

    private transient @Nullable ChannelStatistics recorder;
    private boolean adoptAtOnce;

    FrozenBatchNormalizationImpl(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    /**
     * From now on adds what comes in to the statistics.
     *
     * @param adopt whether each forward pass sets the layer's statistics before it uses them
     */
    void startRecording(boolean adopt) {
        ChannelStatistics fresh = new ChannelStatistics();
        fresh.clear((int) layerConf().getNIn());
        recorder = fresh;
        adoptAtOnce = adopt;
    }

    /** Sets the layer's statistics to what was recorded, and stops. */
    void finishRecording() {
        adopt();
        recorder = null;
    }

    /** Stops, and leaves the layer's statistics as they are. */
    void cancelRecording() {
        recorder = null;
    }

    private void record(Elements e, Extent x) {
        if (recorder != null) {
            recorder.add(e, x);
            if (adoptAtOnce) {
                adopt();
            }
        }
    }

    private void adopt() {
        int channels = (int) layerConf().getNIn();
        ChannelStatistics r = Objects.requireNonNull(recorder);
        layerConf().setStatistics(r.means(channels), r.variances(channels));
    }

    @Override
    void normalise(Elements e, Extent x, FusedActivation f, boolean training, boolean again) {
        record(e, x);
        int positions = x.positions();
        for (int n = 0; n < x.examples(); n++) {
            e.loadValues(n * x.size(), x.size());
            for (int c = 0; c < x.channels(); c++) {
                double scale = gamma[c] * layerConf().inverseDeviation(c);
                f.forward(
                        e,
                        c * positions,
                        positions,
                        scale,
                        beta[c] - layerConf().mean(c) * scale);
            }
            e.storeValues(n * x.size(), x.size());
        }
    }

    @Override
    void differentiate(Elements e, Extent x, FusedActivation f) {
        int positions = x.positions();
        for (int n = 0; n < x.examples(); n++) {
            e.loadValues(n * x.size(), x.size());
            e.loadGradients(n * x.size(), x.size());
            for (int c = 0; c < x.channels(); c++) {
                double r = layerConf().inverseDeviation(c);
                double m = layerConf().mean(c);
                double scale = gamma[c] * r;
                f.backward(e, c * positions, positions, scale, beta[c] - m * scale);
                add(
                        n,
                        c,
                        x.channels(),
                        e.dot(c * positions, positions, m) * r,
                        e.sumGradients(c * positions, positions));
                e.combine(c * positions, positions, scale, 0, 0);
            }
            e.storeGradients(n * x.size(), x.size());
        }
    }
}
