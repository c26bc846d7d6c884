package org.veil4j.layers.activation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A polynomial with fixed coefficients as an activation: {@code f(z) = c[0] + c[1] z + ... + c[d] z^d}. Any degree from
 * 0 up; under encryption it costs {@code ceil(log2(d + 1))} levels or so. For coefficients that are learnt see
 * {@link PolynomialLayer}. Works in place, like the stock activations; evaluated by Horner's rule.
 */
public final class PolynomialActivation extends BaseActivationFunction {
    private static final long serialVersionUID = 1L;

    private final double[] coefficients;

    /**
     * Creates the activation.
     *
     * @param coefficients lowest degree first, at least one, all finite
     * @throws IllegalArgumentException when empty, or a coefficient is NaN or infinite
     */
    public PolynomialActivation(@JsonProperty("coefficients") double... coefficients) {
        this.coefficients = Polynomials.checked(coefficients);
    }

    /**
     * The quadratic that is nearest to ReLU for a standard normal input:
     * {@code 0.19947 + 0.5 z + 0.19947 z^2} (least mean squared error).
     *
     * @return a new activation
     */
    public static PolynomialActivation gaussianRelu() {
        return new PolynomialActivation(0.19947114020071635, 0.5, 0.19947114020071635);
    }

    /**
     * The coefficients.
     *
     * @return a copy, lowest degree first
     */
    @JsonProperty("coefficients")
    public double[] getCoefficients() {
        return coefficients.clone();
    }

    /**
     * The degree as written, a leading zero included.
     *
     * @return number of coefficients minus one
     */
    public int degree() {
        return coefficients.length - 1;
    }

    @Override
    public INDArray getActivation(INDArray in, boolean training) {
        return Polynomials.evaluateInPlace(in, coefficients);
    }

    @Override
    public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
        assertShape(in, epsilon);
        return new Pair<>(
                Polynomials.evaluateInPlace(in, Polynomials.derivative(coefficients))
                        .muli(epsilon),
                null);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PolynomialActivation p && Arrays.equals(p.coefficients, coefficients);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(coefficients);
    }

    @Override
    public String toString() {
        return "polynomial" + Arrays.toString(coefficients);
    }
}
