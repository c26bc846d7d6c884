package org.veil4j.layers.norm;

import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.layers.activation.FusedActivation;
import org.veil4j.layers.kernel.Elements;
import org.veil4j.layers.kernel.NativeArrays;

/**
 * Batch normalisation in two passes over the memory in each direction: one for sums, one for values.
 */
final class FoldableBatchNormalizationImpl extends NormalizationImpl<FoldableBatchNormalization> {
    private static final long serialVersionUID = 1L;

    /** Of each channel: what the last forward pass normalised with. */
    private double[] mean = new double[0];

    private double[] variance = new double[0];
    private double[] running = new double[0];
    private final transient ChannelStatistics batch = new ChannelStatistics();

    FoldableBatchNormalizationImpl(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    void normalise(Elements e, Extent x, FusedActivation f, boolean training, boolean again) {
        if (!training) {
            mean = sized(mean, x.channels());
            variance = sized(variance, x.channels());
            NativeArrays.read(getParam(FoldableBatchNormalization.MEAN), mean);
            NativeArrays.read(getParam(FoldableBatchNormalization.VARIANCE), variance);
        } else if (!again) {
            batch.clear(x.channels());
            batch.add(e, x);
            mean = batch.means(x.channels());
            variance = batch.variances(x.channels());
        }
        for (int n = 0; n < x.examples(); n++) {
            e.loadValues(n * x.size(), x.size());
            for (int c = 0; c < x.channels(); c++) {
                double scale = gamma[c] * inverse(c);
                f.forward(e, c * x.positions(), x.positions(), scale, beta[c] - mean[c] * scale);
            }
            e.storeValues(n * x.size(), x.size());
        }
    }

    private double inverse(int channel) {
        return 1 / Math.sqrt(variance[channel] + layerConf().getEps());
    }

    /**
     * With h = (x - mean) * r: gradients of gamma and beta are sum(d h) and sum(d), and of x
     * {@code gamma r (d - mean(d) - h mean(d h))}, means over the batch and all positions. The first pass gets the sums, the
     * second the gradient of x.
     */
    @Override
    void differentiate(Elements e, Extent x, FusedActivation f) {
        int positions = x.positions();
        for (int n = 0; n < x.examples(); n++) {
            e.loadValues(n * x.size(), x.size());
            e.loadGradients(n * x.size(), x.size());
            for (int c = 0; c < x.channels(); c++) {
                double scale = gamma[c] * inverse(c);
                f.backward(e, c * positions, positions, scale, beta[c] - mean[c] * scale);
                betaGradient[c] += e.sumGradients(c * positions, positions);
                gammaGradient[c] += e.dot(c * positions, positions, mean[c]) * inverse(c);
            }
            e.storeGradients(n * x.size(), x.size());
        }
        e.takeOutputAsGradients();
        double count = (double) x.examples() * positions;
        for (int n = 0; n < x.examples(); n++) {
            e.loadValues(n * x.size(), x.size());
            e.loadGradients(n * x.size(), x.size());
            for (int c = 0; c < x.channels(); c++) {
                double r = inverse(c);
                double k0 = gamma[c] * r;
                double k1 = -k0 * r * gammaGradient[c] / count;
                e.combine(c * positions, positions, k0, k1, -k0 * betaGradient[c] / count - k1 * mean[c]);
            }
            e.storeGradients(n * x.size(), x.size());
        }
        moveRunningStatistics(x.channels());
    }

    /** Done with the backward pass, so that forward passes alone, in training mode or not, leave the statistics as they are. */
    private void moveRunningStatistics(int channels) {
        double keep = getIterationCount() == 0 && getEpochCount() == 0
                ? 0
                : layerConf().getDecay();
        running = sized(running, channels);
        move(FoldableBatchNormalization.MEAN, mean, keep, channels);
        move(FoldableBatchNormalization.VARIANCE, variance, keep, channels);
    }

    private void move(String key, double[] batch, double keep, int channels) {
        INDArray row = getParam(key);
        NativeArrays.read(row, running);
        for (int c = 0; c < channels; c++) {
            running[c] = keep * running[c] + (1 - keep) * batch[c];
        }
        NativeArrays.write(running, row);
    }

    @Override
    void addGradients(Gradient gradient) {
        for (String key : new String[] {FoldableBatchNormalization.MEAN, FoldableBatchNormalization.VARIANCE}) {
            INDArray view = Objects.requireNonNull(gradientViews.get(key));
            view.assign(0);
            gradient.setGradientFor(key, view);
        }
    }
}
