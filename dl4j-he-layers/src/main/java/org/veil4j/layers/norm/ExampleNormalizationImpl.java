package org.veil4j.layers.norm;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.dp.gradient.PerExampleGradient;
import org.veil4j.layers.kernel.ExampleRows;

/**
 * A normalisation that treats examples apart, and so can account for each one's gradient: gradients of gamma and beta fall
 * out of the backward pass example by example.
 */
abstract class ExampleNormalizationImpl<C extends ChannelNormalization> extends NormalizationImpl<C>
        implements PerExampleGradient {
    private static final long serialVersionUID = 1L;

    private boolean capture;
    private final transient ExampleRows rows = new ExampleRows();

    ExampleNormalizationImpl(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    /** Tells the gradients of one example with respect to one channel's gamma and beta. */
    final void add(int example, int channel, int channels, double gammaPart, double betaPart) {
        gammaGradient[channel] += gammaPart;
        betaGradient[channel] += betaPart;
        if (capture) {
            rows.set(example, channel, gammaPart);
            rows.set(example, channels + channel, betaPart);
        }
    }

    @Override
    public void capturePerExample(boolean on) {
        if (on && layerConf().getIDropout() != null) {
            throw new IllegalStateException(
                    "layer " + layerConf().getLayerName() + ": dropout has no per-example gradient here; remove it");
        }
        capture = on;
        rows.clear();
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        rows.clear();
        if (capture) {
            rows.begin((int) epsilon.size(0), Math.toIntExact(2 * layerConf().getNIn()));
        }
        return super.backpropGradient(epsilon, workspaces);
    }

    @Override
    public void addSquaredNorms(double[] squaredNorms) {
        rows.addSquaredNorms(squaredNorms);
    }

    @Override
    public void addWeightedSum(double[] factors, double[] target, int offset) {
        rows.addWeightedSum(factors, target, offset);
    }
}
