package org.veil4j.dp.accounting;

/** Checks of arguments at the package's public edge. */
final class Arguments {
    private Arguments() {}

    static double samplingRate(double value) {
        if (!(value > 0 && value <= 1)) {
            throw new IllegalArgumentException("samplingRate=" + value
                    + ": must be above 0 and at most 1; it is the expected batch over the number of examples");
        }
        return value;
    }

    static double noiseMultiplier(double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("noiseMultiplier=" + value
                    + ": must be finite and not negative; it is the noise's standard deviation over the clip norm");
        }
        return value;
    }

    static double delta(double value) {
        if (!(value > 0 && value < 1)) {
            throw new IllegalArgumentException(
                    "delta=" + value + ": must be between 0 and 1; choose it well below 1 / number of examples");
        }
        return value;
    }

    static double epsilon(double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("epsilon=" + value + ": must be positive and finite");
        }
        return value;
    }

    static long steps(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("steps=" + value + ": must not be negative");
        }
        return value;
    }
}
