package org.veil4j.he.mlr.clear;

/** Nesterov's sequence: a(1) = 0.01, a(t+1) = (1 + sqrt(1 + 4 a(t)^2)) / 2, and eta(t) = (1 - a(t)) / a(t+1). */
public final class Momentum {
    private static final double FIRST = 0.01;

    private Momentum() {}

    /** eta of iteration t, counted from 1, in O(t): W = (1 - eta) V_new + eta V_old; 0.99, then 0 and below. */
    public static double eta(int t) {
        double a = FIRST;
        for (int i = 1; i < t; i++) {
            a = next(a);
        }
        return (1 - a) / next(a);
    }

    private static double next(double a) {
        return (1 + Math.sqrt(1 + 4 * a * a)) / 2;
    }
}
