package org.veil4j.experiments.report;

import java.util.Locale;

/** Figures for people. */
public final class Units {
    private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Units() {}

    /** Bytes with a binary unit, such as {@code 1.50 GiB}. */
    public static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (Math.abs(value) >= 1024 && unit < BINARY.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.2f %s", value, BINARY[unit]);
    }

    /** Seconds with as many digits as make sense, such as {@code 0.023 s} or {@code 12.3 s}. */
    public static String seconds(double seconds) {
        return String.format(Locale.ROOT, seconds < 1 ? "%.3f s" : seconds < 10 ? "%.2f s" : "%.1f s", seconds);
    }

    /** Bits with one decimal, such as {@code 19.0 bits}; {@code unknown} for NaN. */
    public static String bits(double bits) {
        return Double.isNaN(bits) ? "unknown" : String.format(Locale.ROOT, "%.1f bits", bits);
    }

    /** A fraction as a percentage with two decimals, such as {@code 86.04 %}. */
    public static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * fraction);
    }

    /** A rate or factor with three significant digits or one decimal. */
    public static String number(double value) {
        return String.format(
                Locale.ROOT, Math.abs(value) >= 100 ? "%,.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.2f", value);
    }
}
