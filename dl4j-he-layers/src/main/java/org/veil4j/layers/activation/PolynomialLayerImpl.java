package org.veil4j.layers.activation;

import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Broadcast;

/** Forward and backward pass of a {@link PolynomialLayer}; Horner's rule with one broadcast addition a degree. */
final class PolynomialLayerImpl extends BaseLayer<PolynomialLayer> {
    private static final long serialVersionUID = 1L;

    PolynomialLayerImpl(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }

    @Override
    public void setParams(INDArray params) {
        if (params != paramsFlattened) {
            setParams(params, 'c');
        }
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaces);
        INDArray x = input.castTo(dataType);
        INDArray c = getParamWithNoise(PolynomialLayer.COEFFICIENTS, training, workspaces);
        INDArray out = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
        return horner(out, x, c, false);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        INDArray x = input.castTo(dataType);
        INDArray eps = epsilon.castTo(dataType);
        INDArray c = getParamWithNoise(PolynomialLayer.COEFFICIENTS, true, workspaces);
        INDArray gradC = Objects.requireNonNull(gradientViews.get(PolynomialLayer.COEFFICIENTS));
        int[] allButChannels = x.rank() == 2 ? new int[] {0} : new int[] {0, 2, 3};
        INDArray term = eps.dup('c');
        int rows = (int) c.size(0);
        for (int k = 0; k < rows; k++) {
            if (k > 0) {
                term.muli(x);
            }
            if (layerConf().isPerChannel()) {
                gradC.putRow(k, term.sum(allButChannels));
            } else {
                gradC.putScalar(k, 0, term.sumNumber().doubleValue());
            }
        }
        INDArray next = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        horner(next, x, c, true).muli(eps);
        weightNoiseParams.clear();
        next = backpropDropOutIfPresent(next);
        Gradient gradient = new DefaultGradient();
        gradient.setGradientFor(PolynomialLayer.COEFFICIENTS, gradC, 'c');
        return new Pair<>(gradient, next);
    }

    /** Writes the polynomial at x, or its derivative, to out and returns out. */
    private INDArray horner(INDArray out, INDArray x, INDArray c, boolean derivative) {
        int first = derivative ? 1 : 0;
        out.assign(0);
        for (int k = (int) c.size(0) - 1; k >= first; k--) {
            if (k < c.size(0) - 1) {
                out.muli(x);
            }
            int factor = derivative ? k : 1;
            if (!layerConf().isPerChannel()) {
                out.addi(factor * c.getDouble(k, 0));
            } else {
                INDArray row = c.getRow(k).mul(factor);
                if (x.rank() == 2) {
                    out.addiRowVector(row);
                } else {
                    Broadcast.add(out, row, out, 1);
                }
            }
        }
        return out;
    }
}
