package org.veil4j.he.nn.batch;

import java.util.List;

/** Memory of the ciphertexts of a run, from the plan alone. */
public final class BatchMemory {
    private BatchMemory() {}

    /** Bytes of an input of the given number of elements. */
    public static long inputBytes(Plan plan, int n, int inputs) {
        return inputs * ciphertextBytes(plan.inputLevel(), 8L * n);
    }

    /**
     * Bytes at the peak of a run that keeps its input.
     *
     * @param n ring degree
     * @param inputs elements of the input
     * @param threads that blocks run on
     */
    public static long peakBytes(Plan plan, int n, int inputs, int threads) {
        long limb = 8L * n;
        long input = inputBytes(plan, n, inputs);
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
        return peak;
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
