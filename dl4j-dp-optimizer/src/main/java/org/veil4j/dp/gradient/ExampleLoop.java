package org.veil4j.dp.gradient;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;

/**
 * Splits work over examples or parameters among the cores, in fixed contiguous ranges: each item is computed by one thread in
 * one order, so that results do not depend on the number of threads.
 */
final class ExampleLoop {
    /** Below this estimate a second thread costs more than it saves. */
    private static final double WORTH_A_THREAD_NANOS = 50_000;

    private ExampleLoop() {}

    /** Work on a range of items; worker is in [0, workers()) and no two ranges run with the same worker at once. */
    interface Range {
        void run(int worker, int from, int to);
    }

    /** Most ranges that run at the same time. */
    static int workers() {
        return ForkJoinPool.getCommonPoolParallelism() + 1;
    }

    /** Runs the work over [0, items); nanosEach is a rough estimate of one item's time. */
    static void run(int items, double nanosEach, Range work) {
        int parts = (int) Math.min(Math.min(items, workers()), 1 + items * nanosEach / WORTH_A_THREAD_NANOS);
        if (parts <= 1) {
            work.run(0, 0, items);
            return;
        }
        List<ForkJoinTask<?>> others = new ArrayList<>(parts - 1);
        for (int p = 1; p < parts; p++) {
            int worker = p;
            int from = (int) ((long) items * p / parts);
            int to = (int) ((long) items * (p + 1) / parts);
            others.add(ForkJoinPool.commonPool().submit(() -> work.run(worker, from, to)));
        }
        try {
            work.run(0, 0, (int) ((long) items / parts));
        } finally {
            // Also after a failure: a range that still runs would write to buffers that are used again.
            for (ForkJoinTask<?> task : others) {
                task.quietlyJoin();
            }
        }
        for (ForkJoinTask<?> task : others) {
            task.join();
        }
    }
}
