package org.veil4j.experiments.evaluate;

import org.veil4j.experiments.report.InsufficientHeapException;

/** Refuses, before keys are made or files are read, an encrypted inference that would run out of memory in the middle. */
public final class InferenceHeap {
    /** Bytes of heap for each live byte without which the collector gives up; measured. */
    private static final double HEAP_FACTOR = 1.15;

    private InferenceHeap() {}

    /**
     * Refuses what the heap cannot hold.
     *
     * @param working bytes that ciphertexts and keys take at the peak
     * @param heap bytes of the largest heap, as {@link Runtime#maxMemory} says
     * @throws InsufficientHeapException if that is less
     */
    public static void require(long working, long heap) {
        InsufficientHeapException.require((long) (working * HEAP_FACTOR), heap, "use a smaller network");
    }
}
