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
        return KernelTimes.estimateSeconds(report.parameters().q(), report.counts(), threads);
    }
}
