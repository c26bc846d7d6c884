package org.veil4j.he.nn;

import org.veil4j.he.circuit.KernelTimes;

/** Seconds that a compiled model's operations will take on this machine: see {@link KernelTimes}. */
public final class TimeModel {
    private TimeModel() {}

    /**
     * Seconds that the counted operations of a report take, spread evenly over the given threads.
     *
     * @param threads worker threads, at least 1
     */
    public static double estimateSeconds(CompilationReport report, int threads) {
        return estimateSeconds(report.plan(), threads);
    }

    /**
     * Seconds that one run takes, spread evenly over the given threads.
     *
     * @param threads worker threads, at least 1
     */
    public static double estimateSeconds(LayoutCandidate plan, int threads) {
        return KernelTimes.estimateSeconds(plan.parameters().q(), plan.counts(), threads);
    }
}
