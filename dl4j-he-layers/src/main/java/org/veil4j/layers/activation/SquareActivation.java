package org.veil4j.layers.activation;

import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.dp.gradient.ExampleWise;

/**
 * The activation {@code f(z) = z * z}: one ciphertext multiplication, the cheapest non-linearity under encryption.
 * Range: the output grows quadratically, so keep {@code |z|} below about 10 (see
 * {@link org.veil4j.layers.fit.ActivationRanges}). Cost under encryption: one level. Works in place, like the stock
 * activations.
 */
public final class SquareActivation extends BaseActivationFunction implements ExampleWise {
    private static final long serialVersionUID = 1L;

    /** Creates the activation; it has no settings. */
    public SquareActivation() {}

    @Override
    public INDArray getActivation(INDArray in, boolean training) {
        return in.muli(in);
    }

    @Override
    public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
        assertShape(in, epsilon);
        return new Pair<>(in.muli(2.0).muli(epsilon), null);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SquareActivation;
    }

    @Override
    public int hashCode() {
        return SquareActivation.class.hashCode();
    }

    @Override
    public String toString() {
        return "square";
    }
}
