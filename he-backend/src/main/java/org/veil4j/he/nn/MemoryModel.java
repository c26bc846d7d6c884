package org.veil4j.he.nn;

import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Memory of an encrypted inference, before any key exists.
 *
 * @param inputBytes an encrypted batch in memory
 * @param workingBytes ciphertexts and keys at the peak of an inference that keeps its input
 * @param peakBytes estimated peak of the process's resident memory
 */
record MemoryModel(long inputBytes, long workingBytes, long peakBytes) {
    /** A started virtual machine with the engine's code, tables and buffers; measured. */
    private static final long PROCESS_BYTES = 450L << 20;
    /** Resident bytes for each live byte: what the collector leaves between collections; measured. */
    private static final double COLLECTOR_FACTOR = 1.15;

    /**
     * Memory of a run.
     *
     * @param input bytes of the ciphertexts of an input
     * @param peak bytes of all ciphertexts at the peak of a run that keeps its input
     * @param keys of the run
     */
    static MemoryModel of(long input, long peak, RlweParameters parameters, KeyRequest keys) {
        long working = peak + keys.sizeBytes(parameters);
        return new MemoryModel(input, working, PROCESS_BYTES + (long) (working * COLLECTOR_FACTOR));
    }
}
