package org.veil4j.experiments.evaluate;

import java.util.Arrays;

/** Predicted classes from rows of outputs. */
public final class Classes {
    private Classes() {}

    /** The index of the largest output; the first of equals. NaN is never the largest; -1 if nothing else is there. */
    public static int of(double[] outputs) {
        int best = -1;
        for (int k = 0; k < outputs.length; k++) {
            if (!Double.isNaN(outputs[k]) && (best < 0 || outputs[k] > outputs[best])) {
                best = k;
            }
        }
        return best;
    }

    /** The fraction of rows whose class is the label. */
    public static double accuracy(double[][] outputs, int[] labels) {
        if (outputs.length != labels.length || labels.length == 0) {
            throw new IllegalArgumentException("labels=" + labels.length + ": must be as many as the " + outputs.length
                    + " outputs, at least one; give the labels of the same images");
        }
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += of(outputs[i]) == labels[i] ? 1 : 0;
        }
        return right / (double) labels.length;
    }

    static double[] flatten(double[][] rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }
}
