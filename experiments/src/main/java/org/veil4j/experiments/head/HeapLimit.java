package org.veil4j.experiments.head;

import org.veil4j.experiments.report.InsufficientHeapException;
import org.veil4j.experiments.report.Units;
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
        if (bytes > heap) {
            throw new InsufficientHeapException("heap=" + Units.bytes(heap) + ": the keys and ciphertexts of this plan"
                    + " take about " + Units.bytes(bytes) + "; give the JVM more by VEIL4J_HEAP, such as VEIL4J_HEAP="
                    + ((bytes + (bytes >> 2) >> 30) + 1) + "g, or make a plan with a smaller --log-n, more refreshes"
                    + " (--refresh-every) or fewer rows");
        }
    }
}
