package org.veil4j.he.nn.batch;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.SparseMatrix;

/**
 * One step of a compiled network in the batch layout: a linear map of the tensors that it reads, an activation, and sums
 * over groups of the activated elements: {@code out[g] = sum over r in groups[g] of f(matrix * x + bias)[r]}. Whatever
 * linear layers follow each other in the network have become one matrix.
 *
 * @param name the network's layers that it stands for
 * @param inputs stages read, {@link #NETWORK_INPUT} for the network's input; columns follow in this order
 * @param matrix linear part
 * @param unit whether all weights are one: such a stage only adds and takes no level for its linear part
 * @param bias added after the matrix, one number a row
 * @param activation what happens to each row
 * @param polynomials with {@link Activation#POLYNOMIAL}: coefficients of each row, lowest first, of one length
 * @param groups rows whose activated values are added into each output; {@code null}: every row is an output
 */
public record Stage(
        String name,
        int[] inputs,
        SparseMatrix matrix,
        boolean unit,
        double[] bias,
        Activation activation,
        double @Nullable [][] polynomials,
        int @Nullable [][] groups) {

    /** Marks the network's input among {@link #inputs}. */
    public static final int NETWORK_INPUT = -1;

    /** What happens to the rows. */
    public enum Activation {
        /** Nothing. */
        NONE,
        /** x squared; factors and shifts are folded into the neighbours. */
        SQUARE,
        /** A polynomial of the row's own coefficients. */
        POLYNOMIAL
    }

    /** Number of output elements. */
    public int outputs() {
        return groups == null ? matrix.rows() : groups.length;
    }

    /** Degree of the activation. */
    public int degree() {
        return activation == Activation.SQUARE ? 2 : polynomials == null ? 1 : polynomials[0].length - 1;
    }

    /** Rows that output g adds up. */
    public int[] rowsOf(int g) {
        return groups == null ? new int[] {g} : groups[g];
    }

    @Override
    public String toString() {
        return name + ": " + matrix.rows() + "x" + matrix.columns() + " with " + matrix.entries() + " weights, "
                + activation.name().toLowerCase(java.util.Locale.ROOT)
                + (groups == null ? "" : ", summed to " + groups.length) + ", reads " + Arrays.toString(inputs);
    }
}
