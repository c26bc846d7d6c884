package org.veil4j.layers.norm;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.dp.gradient.PerExampleGradient;

/**
 * A normalisation that treats examples apart, and so can account for each one's gradient: gradients of gamma and beta fall
 * out of the backward pass example by example.
 */
abstract class ExampleNormalizationImpl<C extends ChannelNormalization> extends NormalizationImpl<C>
        implements PerExampleGradient {
    private static final long serialVersionUID = 1L;

    private boolean capture;
    private int captured;
    private double[] exampleGamma = new double[0];
    private double[] exampleBeta = new double[0];

    ExampleNormalizationImpl(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    /** Tells the gradients of one example with respect to one channel's gamma and beta. */
    final void add(int example, int channel, int channels, double gammaPart, double betaPart) {
        gammaGradient[channel] += gammaPart;
        betaGradient[channel] += betaPart;
        if (capture) {
            exampleGamma[example * channels + channel] = gammaPart;
            exampleBeta[example * channels + channel] = betaPart;
        }
    }

    @Override
    public void capturePerExample(boolean on) {
        capture = on;
        captured = 0;
        if (!on) {
            exampleGamma = new double[0];
            exampleBeta = new double[0];
        }
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        int examples = (int) epsilon.size(0);
        if (capture) {
            captured = 0;
            int size = Math.toIntExact(examples * layerConf().getNIn());
            exampleGamma = sized(exampleGamma, size);
            exampleBeta = sized(exampleBeta, size);
        }
        Pair<Gradient, INDArray> result = super.backpropGradient(epsilon, workspaces);
        captured = capture ? examples : 0;
        return result;
    }

    @Override
    public void addSquaredNorms(double[] squaredNorms) {
        checkCaptured(squaredNorms.length);
        int channels = (int) layerConf().getNIn();
        for (int n = 0; n < captured; n++) {
            double sum = 0;
            for (int i = n * channels; i < (n + 1) * channels; i++) {
                sum += exampleGamma[i] * exampleGamma[i] + exampleBeta[i] * exampleBeta[i];
            }
            squaredNorms[n] += sum;
        }
    }

    @Override
    public void addWeightedSum(double[] factors, double[] target, int offset) {
        checkCaptured(factors.length);
        int channels = (int) layerConf().getNIn();
        if (offset < 0 || offset + 2 * channels > target.length) {
            throw new IllegalArgumentException(
                    "offset=" + offset + ": layer " + layerConf().getLayerName() + " needs " + 2 * channels
                            + " places of " + target.length + "; give the place of its parameters");
        }
        for (int n = 0; n < captured; n++) {
            double factor = factors[n];
            if (factor == 0) {
                continue; // also where the gradient holds NaN or infinity
            }
            for (int c = 0; c < channels; c++) {
                target[offset + c] += factor * exampleGamma[n * channels + c];
                target[offset + channels + c] += factor * exampleBeta[n * channels + c];
            }
        }
    }

    private void checkCaptured(int length) {
        if (captured == 0) {
            throw new IllegalStateException("layer " + layerConf().getLayerName()
                    + ": captured nothing; call capturePerExample(true), then run a forward and a backward pass");
        }
        if (length != captured) {
            throw new IllegalArgumentException(
                    "length=" + length + ": must be " + captured + ", the examples of the captured batch");
        }
    }
}
