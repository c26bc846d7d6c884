package org.veil4j.dp.gradient;

import org.jspecify.annotations.Nullable;

/** Checks that all kernels make. */
final class Checks {
    private Checks() {}

    static <T> T captured(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException(
                    "captured=nothing: call capturePerExample(true), then a forward and a backward pass,"
                            + " before asking for norms or sums");
        }
        return value;
    }

    static void length(String name, double[] values, int examples) {
        if (values.length != examples) {
            throw new IllegalArgumentException(
                    name + ".length=" + values.length + ": must be the number of examples captured, " + examples);
        }
    }

    static void weightedSum(double[] factors, int examples, double[] target, int offset, int parameters) {
        length("factors", factors, examples);
        if (offset < 0 || offset > target.length - parameters) {
            throw new IllegalArgumentException(
                    "offset=" + offset + " target.length=" + target.length + ": must leave room for " + parameters
                            + " parameters; use the layer's place in the network's flattened gradient");
        }
        for (int i = 0; i < factors.length; i++) {
            if (!Double.isFinite(factors[i])) {
                throw new IllegalArgumentException(
                        "factors[" + i + "]=" + factors[i] + ": must be finite; give 0 to an example that is left out");
            }
        }
    }
}
