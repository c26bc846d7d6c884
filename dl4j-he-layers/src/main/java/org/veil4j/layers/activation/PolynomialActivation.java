package org.veil4j.layers.activation;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.veil4j.dp.gradient.ExampleWise;

/**
 * A polynomial with fixed coefficients as an activation: {@code f(z) = c[0] + c[1] z + ... + c[d] z^d}. Any degree from
 * 0 up; under encryption it costs {@code ceil(log2(d + 1))} levels or so. For coefficients that are learnt see
 * {@link PolynomialLayer}. Works in place, like the stock activations; evaluated by Horner's rule.
 *
 * <p>A penalty may be added, which keeps the inputs in the range that encryption can hold: during training, {@code
 * strength / 2 * max(0, |z| - limit)^2} of every input z counts as loss of its example. Only its gradient is applied; the
 * score that Deeplearning4j reports does not contain it. It is a sum over examples, so private training may use it.
 */
public final class PolynomialActivation extends BaseActivationFunction implements ExampleWise {
    private static final long serialVersionUID = 1L;

    private final double[] coefficients;
    private final double penaltyLimit;
    private final double penaltyStrength;
    private transient @Nullable FusedActivation fused;

    /**
     * Creates the activation without a penalty.
     *
     * @param coefficients lowest degree first, at least one, all finite
     * @throws IllegalArgumentException when empty, or a coefficient is NaN or infinite
     */
    public PolynomialActivation(double... coefficients) {
        this(coefficients, 0, 0);
    }

    /**
     * Creates the activation.
     *
     * @param coefficients lowest degree first, at least one, all finite
     * @param penaltyLimit absolute input from which on the penalty grows, at least 0
     * @param penaltyStrength factor of the penalty, 0 for none
     * @throws IllegalArgumentException when a value is out of range
     */
    @JsonCreator
    public PolynomialActivation(
            @JsonProperty("coefficients") double[] coefficients,
            @JsonProperty("penaltyLimit") double penaltyLimit,
            @JsonProperty("penaltyStrength") double penaltyStrength) {
        this.coefficients = Polynomials.checked(coefficients);
        Polynomials.checkPenalty(penaltyLimit, penaltyStrength);
        this.penaltyLimit = penaltyLimit;
        this.penaltyStrength = penaltyStrength;
    }

    /**
     * The same polynomial with a penalty on large inputs.
     *
     * @param limit absolute input from which on the penalty grows, at least 0
     * @param strength factor of the penalty, 0 for none
     * @return a new activation
     */
    public PolynomialActivation withPenalty(double limit, double strength) {
        return new PolynomialActivation(coefficients, limit, strength);
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
     * Where the penalty begins.
     *
     * @return absolute value of an input, at least 0
     */
    @JsonProperty("penaltyLimit")
    public double getPenaltyLimit() {
        return penaltyLimit;
    }

    /**
     * How strong the penalty is.
     *
     * @return 0 for none
     */
    @JsonProperty("penaltyStrength")
    public double getPenaltyStrength() {
        return penaltyStrength;
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
        return fused().applyInPlace(in) ? in : Polynomials.evaluateInPlace(in, coefficients);
    }

    @Override
    public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
        assertShape(in, epsilon);
        if (fused().backpropInPlace(in, epsilon)) {
            return new Pair<>(in, null);
        }
        INDArray excess = penaltyStrength > 0 ? Polynomials.excess(in, penaltyLimit, penaltyStrength) : null;
        INDArray gradient = Polynomials.evaluateInPlace(in, Polynomials.derivative(coefficients))
                .muli(epsilon);
        return new Pair<>(excess == null ? gradient : gradient.addi(excess), null);
    }

    /** Made on demand, since deserialisation and copies leave transient fields empty. Idempotent, so races are harmless. */
    private FusedActivation fused() {
        FusedActivation known = fused;
        if (known == null) {
            known = Objects.requireNonNull(FusedActivation.of(this));
            fused = known;
        }
        return known;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PolynomialActivation p
                && Arrays.equals(p.coefficients, coefficients)
                && p.penaltyLimit == penaltyLimit
                && p.penaltyStrength == penaltyStrength;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(coefficients) + 31 * Double.hashCode(penaltyStrength);
    }

    @Override
    public String toString() {
        String penalty = penaltyStrength == 0 ? "" : " with penalty " + penaltyStrength + " beyond " + penaltyLimit;
        return "polynomial" + Arrays.toString(coefficients) + penalty;
    }
}
