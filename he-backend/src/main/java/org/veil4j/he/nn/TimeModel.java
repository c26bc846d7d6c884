package org.veil4j.he.nn;

import org.veil4j.he.circuit.KernelTimes;
import org.veil4j.he.circuit.OperationCounts.Kind;

/** Seconds that a compiled model's operations will take on this machine: see {@link KernelTimes}. */
public final class TimeModel {
    /** What each further thread adds in the packed layout, where steps are short and depend on each other; measured. */
    private static final double PACKED_GAIN = 0.6;
    /** Seconds of each rotation or relinearisation beyond its kernels: handing out work, caches that are cold; measured. */
    private static final double SWITCH_SECONDS = 0.3e-3;

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
     * Seconds that one run takes. In the batch layout work is spread evenly over the threads; in the packed layout a further thread
     * does 0.6 of a thread's work.
     *
     * @param threads worker threads, at least 1
     */
    public static double estimateSeconds(LayoutCandidate plan, int threads) {
        if (plan.layout().equals(BatchProgram.TAG)) {
            return KernelTimes.estimateSeconds(plan.parameters().q(), plan.counts(), threads);
        }
        double kernels = KernelTimes.estimateSeconds(plan.parameters().q(), plan.counts(), 1);
        long switches = plan.counts().getOrDefault(Kind.ROTATIONS, 0L);
        return kernels / (1 + PACKED_GAIN * (threads - 1)) + SWITCH_SECONDS * switches;
    }
}
