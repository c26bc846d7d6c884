package org.veil4j.layers.kernel;

import java.util.Arrays;

/**
 * The gradient of every example of a batch over the few parameters of one layer, in double; the half of
 * {@link org.veil4j.dp.gradient.PerExampleGradient} that does not depend on the layer. Used again from batch to batch.
 */
public final class ExampleRows {
    private double[] rows = new double[0];
    private int parameters;
    private int examples;

    /** Creates an empty store. */
    public ExampleRows() {}

    /** Forgets the batch. */
    public void clear() {
        examples = 0;
    }

    /**
     * Begins a batch, with all gradients zero.
     *
     * @param examples at least 1
     * @param parameters of the layer
     */
    public void begin(int examples, int parameters) {
        this.examples = examples;
        this.parameters = parameters;
        int size = Math.multiplyExact(examples, parameters);
        if (rows.length < size) {
            rows = new double[size];
        } else {
            Arrays.fill(rows, 0, size, 0);
        }
    }

    /**
     * Sets one entry.
     *
     * @param example index in the batch
     * @param parameter index in the layer
     * @param value of the gradient
     */
    public void set(int example, int parameter, double value) {
        rows[example * parameters + parameter] = value;
    }

    /**
     * Sets an example's whole row.
     *
     * @param example index in the batch
     * @param gradient one value a parameter
     */
    public void set(int example, double[] gradient) {
        System.arraycopy(gradient, 0, rows, example * parameters, parameters);
    }

    /**
     * Adds each row's squared norm.
     *
     * @param squaredNorms one entry an example
     * @throws IllegalStateException when there is no batch
     * @throws IllegalArgumentException when the length is not that of the batch
     */
    public void addSquaredNorms(double[] squaredNorms) {
        check("squaredNorms", squaredNorms.length);
        for (int n = 0; n < examples; n++) {
            double sum = 0;
            for (int i = n * parameters; i < (n + 1) * parameters; i++) {
                sum += rows[i] * rows[i];
            }
            squaredNorms[n] += sum;
        }
    }

    /**
     * Adds the weighted sum of the rows; a row of factor 0 adds nothing, whatever it holds.
     *
     * @param factors one entry an example
     * @param target receives the sum from {@code offset}
     * @param offset first place
     * @throws IllegalStateException when there is no batch
     * @throws IllegalArgumentException when a length does not fit
     */
    public void addWeightedSum(double[] factors, double[] target, int offset) {
        check("factors", factors.length);
        if (offset < 0 || offset + parameters > target.length) {
            throw new IllegalArgumentException("offset=" + offset + ": the layer needs " + parameters + " places of "
                    + target.length + "; give the place of its parameters");
        }
        for (int n = 0; n < examples; n++) {
            double factor = factors[n];
            if (factor == 0) {
                continue; // also where the gradient holds NaN or infinity
            }
            for (int i = 0; i < parameters; i++) {
                target[offset + i] += factor * rows[n * parameters + i];
            }
        }
    }

    private void check(String name, int length) {
        if (examples == 0) {
            throw new IllegalStateException(
                    "nothing was captured; call capturePerExample(true), then run a forward and a" + " backward pass");
        }
        if (length != examples) {
            throw new IllegalArgumentException(name + " has " + length + " entries: must have " + examples
                    + ", the examples of the captured batch");
        }
    }
}
