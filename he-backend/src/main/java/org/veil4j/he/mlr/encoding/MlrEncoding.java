package org.veil4j.he.mlr.encoding;

import java.util.List;
import org.veil4j.he.circuit.SlotAlgebra;

/**
 * One way to put a training run into slots. Everything here is in scaled units: columns of the features multiplied by the
 * owner's factors, and weights divided by them (see {@link FeatureScaling}), so that no feature is above 1.
 */
public interface MlrEncoding {
    /** The ciphertexts of the data set. */
    List<Shape> datasetShapes();

    /** Their slots, in the same order. */
    List<double[]> datasetSlots(double[][] x, int[] labels);

    /**
     * The ciphertexts of fresh weights, V before W.
     *
     * @param level level that V is to have, at least that of one iteration
     */
    List<Shape> weightShapes(int level);

    /** Ciphertexts that the circuit keeps beside the data set at its peak, in units of one at the highest level. */
    int keptCiphertexts();

    /** How many of the {@link #weightShapes} are V; as many are W. */
    int weightVectors();

    /**
     * The slots of one matrix, V or W.
     *
     * @param weights class, then column
     */
    List<double[]> weightSlots(double[][] weights);

    /** The matrix that is in slots, the counterpart of {@link #weightSlots}; copies of a weight are averaged. */
    double[][] weights(List<double[]> slots);

    /** The circuit over an interpretation, for the ciphertexts of a data set. */
    <C> MlrCircuit<C> circuit(SlotAlgebra<C> algebra, List<C> dataset);
}
