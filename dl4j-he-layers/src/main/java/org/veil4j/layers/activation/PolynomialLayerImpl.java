package org.veil4j.layers.activation;

import java.util.Arrays;
import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.dp.gradient.PerExampleGradient;
import org.veil4j.layers.kernel.Elements;
import org.veil4j.layers.kernel.ExampleRows;
import org.veil4j.layers.kernel.NativeArrays;

/**
 * Forward and backward pass of a {@link PolynomialLayer}, an example at a time; each example's gradient of the coefficients
 * falls out of the backward pass.
 */
final class PolynomialLayerImpl extends BaseLayer<PolynomialLayer> implements PerExampleGradient {
    private static final long serialVersionUID = 2L;

    private transient @Nullable Elements elements;
    private double[] coefficients = new double[0];
    private double[] polynomial = new double[0];

    private boolean capture;
    private final transient ExampleRows rows = new ExampleRows();

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
        INDArray x = NativeArrays.contiguous(input, dataType, workspaces, ArrayType.FF_WORKING_MEM);
        INDArray out = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
        readCoefficients(training, workspaces);
        int channels = (int) x.size(1);
        int size = Math.toIntExact(x.length() / x.size(0));
        int positions = size / channels;
        Elements e = elements();
        e.bind(x, null, out, size);
        for (int n = 0; n < x.size(0); n++) {
            e.loadValues(n * size, size);
            if (layerConf().isPerChannel()) {
                for (int c = 0; c < channels; c++) {
                    e.polynomial(c * positions, positions, 1, 0, polynomial(c));
                }
            } else {
                e.polynomial(0, size, 1, 0, polynomial(0));
            }
            e.storeValues(n * size, size);
        }
        e.release();
        return out;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        INDArray x = NativeArrays.contiguous(input, dataType, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray eps = NativeArrays.contiguous(epsilon, dataType, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray next = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        readCoefficients(true, workspaces);
        int parameters = Math.toIntExact(numParams());
        double[] sum = new double[parameters];
        int examples = (int) x.size(0);
        rows.clear();
        if (capture) {
            rows.begin(examples, parameters);
        }
        double[] row = new double[parameters];
        Elements e = elements();
        int size = Math.toIntExact(x.length() / examples);
        e.bind(x, eps, next, size);
        for (int n = 0; n < examples; n++) {
            e.loadValues(n * size, size);
            e.loadGradients(n * size, size);
            Arrays.fill(row, 0);
            differentiate(e, size, (int) x.size(1), row);
            e.storeGradients(n * size, size);
            for (int i = 0; i < parameters; i++) {
                sum[i] += row[i];
            }
            if (capture) {
                rows.set(n, row);
            }
        }
        e.release();
        INDArray view = Objects.requireNonNull(gradientViews.get(PolynomialLayer.COEFFICIENTS));
        NativeArrays.write(sum, view);
        weightNoiseParams.clear();
        Gradient gradient = new DefaultGradient();
        gradient.setGradientFor(PolynomialLayer.COEFFICIENTS, view, 'c');
        return new Pair<>(gradient, backpropDropOutIfPresent(next));
    }

    /** Replaces d by the gradient of z, adds the penalty's gradient, and collects the gradients of the coefficients. */
    private void differentiate(Elements e, int size, int channels, double[] row) {
        int sets = Math.toIntExact(layerConf().sets());
        int part = layerConf().isPerChannel() ? size / channels : size;
        for (int set = 0; set < sets; set++) {
            int from = set * part;
            e.powers(from, part, layerConf().degree(), row, set, sets);
            e.polynomialGradient(from, part, 1, 0, polynomial(set));
            if (layerConf().getPenaltyStrength() > 0) {
                e.penalise(
                        from,
                        part,
                        1,
                        0,
                        layerConf().getPenaltyLimit(),
                        layerConf().getPenaltyStrength());
            }
        }
    }

    private void readCoefficients(boolean training, LayerWorkspaceMgr workspaces) {
        INDArray c = getParamWithNoise(PolynomialLayer.COEFFICIENTS, training, workspaces);
        if (coefficients.length != c.length()) {
            coefficients = new double[(int) c.length()];
            polynomial = new double[layerConf().degree() + 1];
        }
        NativeArrays.read(NativeArrays.contiguous(c, c.dataType(), workspaces, ArrayType.FF_WORKING_MEM), coefficients);
    }

    /** The coefficients of one set, lowest degree first; valid until the next call. */
    private double[] polynomial(int set) {
        int sets = Math.toIntExact(layerConf().sets());
        for (int k = 0; k < polynomial.length; k++) {
            polynomial[k] = coefficients[k * sets + set];
        }
        return polynomial;
    }

    private Elements elements() {
        if (elements == null) {
            elements = Elements.of(dataType);
        }
        return elements;
    }

    @Override
    public void capturePerExample(boolean on) {
        if (on && (layerConf().getWeightNoise() != null || layerConf().getIDropout() != null)) {
            throw new IllegalStateException("layer " + layerConf().getLayerName()
                    + ": weight noise and dropout have no per-example gradient here; remove them");
        }
        capture = on;
        rows.clear();
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
