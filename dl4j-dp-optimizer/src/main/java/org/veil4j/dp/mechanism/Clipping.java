package org.veil4j.dp.mechanism;

/** How an example's gradient over the whole network is bounded. */
public enum Clipping {
    /** Abadi et al. 2016: gradients above the clip norm are scaled down to it, others stay: min(1, C / norm). */
    FLAT,
    /**
     * Bu et al. 2023, "Automatic clipping": every gradient is scaled to nearly the clip norm, C / (norm + 0.01), so the clip
     * norm only scales the step.
     */
    AUTOMATIC;

    private static final double STABILITY = 0.01;

    /**
     * The factor of one example. The contribution's norm, factor times norm, is at most {@code clipNorm}.
     *
     * @param squaredNorm the gradient's squared L2 norm; anything
     * @param clipNorm C, positive
     * @return in [0, 1] for FLAT and [0, 100 C] for AUTOMATIC; 0 when the norm is infinite, NaN or (by a fault) negative
     */
    public double factor(double squaredNorm, double clipNorm) {
        if (!(squaredNorm >= 0 && squaredNorm < Double.POSITIVE_INFINITY)) {
            return 0;
        }
        double norm = Math.sqrt(squaredNorm);
        if (this == AUTOMATIC) {
            return clipNorm / (norm + STABILITY);
        }
        return norm <= clipNorm ? 1 : clipNorm / norm;
    }
}
