package org.veil4j.zoo;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Learning rate that rises linearly over the first iterations and then falls along half a cosine to a final value:
 * at the end of warm-up it is the peak, at the last iteration {@code peak * finalFactor}, and constant from there.
 */
public final class WarmupCosineSchedule implements ISchedule {
    private static final long serialVersionUID = 1L;

    private final double peak;
    private final int warmup;
    private final int total;
    private final double finalFactor;

    /**
     * Creates the schedule.
     *
     * @param peak highest learning rate, positive
     * @param warmup iterations of warm-up, 0 or more
     * @param total iterations in all, more than warm-up
     * @param finalFactor last rate over the peak, in [0, 1]
     * @throws IllegalArgumentException when one is out of range
     */
    public WarmupCosineSchedule(
            @JsonProperty("peak") double peak,
            @JsonProperty("warmup") int warmup,
            @JsonProperty("total") int total,
            @JsonProperty("finalFactor") double finalFactor) {
        if (!(peak > 0) || warmup < 0 || total <= warmup || !(finalFactor >= 0 && finalFactor <= 1)) {
            throw new IllegalArgumentException("peak=" + peak + " warmup=" + warmup + " total=" + total
                    + " finalFactor=" + finalFactor
                    + ": need peak > 0, 0 <= warmup < total, 0 <= finalFactor <= 1");
        }
        this.peak = peak;
        this.warmup = warmup;
        this.total = total;
        this.finalFactor = finalFactor;
    }

    @Override
    public double valueAt(int iteration, int epoch) {
        if (iteration < warmup) {
            return peak * (iteration + 1) / warmup;
        }
        double t = Math.min(1, (iteration - warmup) / (double) (total - warmup));
        return peak * (finalFactor + (1 - finalFactor) * 0.5 * (1 + Math.cos(Math.PI * t)));
    }

    /**
     * Highest learning rate.
     *
     * @return the peak
     */
    @JsonProperty("peak")
    public double getPeak() {
        return peak;
    }

    /**
     * Iterations of warm-up.
     *
     * @return 0 or more
     */
    @JsonProperty("warmup")
    public int getWarmup() {
        return warmup;
    }

    /**
     * Iterations in all.
     *
     * @return more than the warm-up
     */
    @JsonProperty("total")
    public int getTotal() {
        return total;
    }

    /**
     * Last rate over the peak.
     *
     * @return in [0, 1]
     */
    @JsonProperty("finalFactor")
    public double getFinalFactor() {
        return finalFactor;
    }

    @Override
    public ISchedule clone() {
        return new WarmupCosineSchedule(peak, warmup, total, finalFactor);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WarmupCosineSchedule s
                && s.peak == peak
                && s.warmup == warmup
                && s.total == total
                && s.finalFactor == finalFactor;
    }

    @Override
    public int hashCode() {
        return Double.hashCode(peak) * 31 + warmup * 7 + total;
    }
}
