package org.veil4j.experiments.head;

import org.veil4j.experiments.report.InsufficientHeapException;
import org.veil4j.he.mlr.MlrPlan;

/** Refuses, before keys are made or read, what would run out of the Java heap in the middle. */
public final class HeapLimit {
    private HeapLimit() {}

    /** Whether a server that has this heap can run a plan. */
    static boolean holds(MlrPlan plan, long heap) {
        return server(plan) <= heap;
    }

    private static long server(MlrPlan plan) {
        return plan.report().estimatedLiveBytes();
    }

    /**
     * Refuses a training that the heap cannot hold.
     *
     * @param heap bytes of the largest heap, as {@link Runtime#maxMemory} says
     * @throws InsufficientHeapException if its keys, data and weights take more
     */
    public static void requireServer(MlrPlan plan, long heap) {
        require(server(plan), heap);
    }

    /**
     * Refuses an encryption that the heap cannot hold: keys first, then ciphertexts, which take twice their share of a file.
     *
     * @param heap bytes of the largest heap
     * @throws InsufficientHeapException if either take more
     */
    public static void requireOwner(MlrPlan plan, long heap) {
        require(Math.max(plan.report().evaluationKeyBytes(), 2 * plan.report().bytesUploaded()), heap);
    }

    private static void require(long bytes, long heap) {
        InsufficientHeapException.require(
                bytes, heap, "make a plan with a smaller --log-n, more refreshes (--refresh-every) or fewer rows");
    }
}
