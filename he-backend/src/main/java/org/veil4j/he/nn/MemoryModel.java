package org.veil4j.he.nn;

import java.util.List;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Memory of an encrypted inference, from the plan alone.
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

    static MemoryModel of(Plan plan, RlweParameters parameters, int inputs, KeyRequest keys, int threads) {
        long limb = 8L * parameters.n();
        long input = inputs * ciphertextBytes(plan.inputLevel(), limb);
        long peak = input;
        List<Stage> stages = plan.stages();
        int[] lastUse = plan.lastUse();
        for (int s = 0; s < stages.size(); s++) {
            long live = input;
            for (int t = 0; t <= s; t++) {
                if (t == s || lastUse[t] >= s) {
                    live += stages.get(t).outputs() * ciphertextBytes(plan.levelOut()[t], limb);
                }
            }
            peak = Math.max(peak, live + blockBytes(plan, s, limb, threads));
        }
        long working = peak + keys.sizeBytes(parameters);
        return new MemoryModel(input, working, PROCESS_BYTES + (long) (working * COLLECTOR_FACTOR));
    }

    private static long ciphertextBytes(int level, long limb) {
        return 2L * (level + 1) * limb;
    }

    /** Values between a block's linear map and its sums; those that take their place are made and released one by one. */
    private static long blockBytes(Plan plan, int stage, long limb, int threads) {
        List<int[]> blocks = StageExecutor.blocks(plan.stages().get(stage));
        long most = 0;
        for (int[] block : blocks) {
            long rows = 0;
            for (int g : block) {
                rows += plan.stages().get(stage).rowsOf(g).length;
            }
            most = Math.max(most, rows);
        }
        return Math.min(threads, blocks.size()) * most * ciphertextBytes(plan.levelIn(stage), limb);
    }
}
