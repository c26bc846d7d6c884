package org.veil4j.experiments.report;

/** What was asked for needs more than the largest Java heap; nothing has been computed yet. Says how much. */
public final class InsufficientHeapException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private InsufficientHeapException(String message) {
        super(message);
    }

    /**
     * Refuses, before any work, what would run out of memory in the middle.
     *
     * @param needed bytes that keys and ciphertexts take in the heap
     * @param heap bytes of the largest heap, as {@link Runtime#maxMemory} says
     * @param remedy what else could be done than to give the JVM more, such as "use a smaller network"
     * @throws InsufficientHeapException if the heap is too small, with both figures
     */
    public static void require(long needed, long heap, String remedy) {
        if (needed > heap) {
            throw new InsufficientHeapException("heap=" + Units.bytes(heap)
                    + ": the keys and ciphertexts of this plan take about " + Units.bytes(needed)
                    + "; give the JVM more by VEIL4J_HEAP, such as VEIL4J_HEAP=" + ((needed + (needed >> 2) >> 30) + 1)
                    + "g, or " + remedy);
        }
    }
}
