package org.veil4j.he.ring;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The engine's threads: daemons that live as long as the process. Work is split over limbs or ciphertexts, never inside a
 * transform.
 */
public final class Workers {
    /** How long a thread that waits looks for work before it goes to sleep: waking one up takes about as long. */
    private static final long SPIN_NANOS = 60_000;

    /** Threads without work, the last one to finish first: it may still be looking for some. */
    private static final ConcurrentLinkedDeque<Helper> IDLE = new ConcurrentLinkedDeque<>();

    private static final ThreadLocal<@Nullable Integer> OVERRIDE = new ThreadLocal<>();

    private static volatile int threads = Runtime.getRuntime().availableProcessors();

    private Workers() {}

    /** How many threads a {@link #forEach} from this thread may use, itself included; 1 inside a task. */
    public static int threads() {
        Integer override = OVERRIDE.get();
        return override == null ? threads : override;
    }

    /**
     * Sets the number of threads for the process; the number of processors unless set.
     *
     * @throws IllegalArgumentException when n is below 1
     */
    public static void setThreads(int n) {
        checkThreads(n);
        threads = n;
    }

    /**
     * Runs a computation whose {@link #forEach} calls, made from this thread, use at most n threads.
     *
     * @throws IllegalArgumentException when n is below 1
     */
    public static <T> T withThreads(int n, Supplier<T> computation) {
        checkThreads(n);
        Integer before = OVERRIDE.get();
        OVERRIDE.set(n);
        try {
            return computation.get();
        } finally {
            restore(before);
        }
    }

    private static void restore(@Nullable Integer before) {
        if (before == null) {
            OVERRIDE.remove();
        } else {
            OVERRIDE.set(before);
        }
    }

    private static void checkThreads(int n) {
        if (n < 1) {
            throw new IllegalArgumentException("threads=" + n + ": must be at least 1");
        }
    }

    /**
     * Runs task.accept(0) to task.accept(count - 1), in any order, on up to {@link #threads()} threads including this one,
     * and waits. Inline, in order, when there is one thread, one task, or this is itself a task. After a failure no further
     * task starts, and the first exception or error is thrown here.
     *
     * @param task must be safe to call from several threads at once
     */
    public static void forEach(int count, IntConsumer task) {
        int helpers = Math.min(threads(), count) - 1;
        if (helpers < 1) {
            for (int i = 0; i < count; i++) {
                task.accept(i);
            }
            return;
        }
        Job job = new Job(count, task, Thread.currentThread());
        for (int h = 0; h < helpers; h++) {
            Helper.run(job);
        }
        job.run();
        job.await();
    }

    /** A thread that runs one job after the other. */
    private static final class Helper extends Thread {
        private static final AtomicInteger NUMBER = new AtomicInteger();

        private volatile @Nullable Job job;
        private volatile boolean asleep;

        private Helper(Job first) {
            super("veil4j-worker-" + NUMBER.incrementAndGet());
            setDaemon(true);
            job = first;
        }

        /** Gives a job to a thread that has none, or to a new one. */
        static void run(Job job) {
            Helper idle = IDLE.pollFirst();
            if (idle == null) {
                new Helper(job).start();
                return;
            }
            idle.job = job;
            if (idle.asleep) {
                LockSupport.unpark(idle);
            }
        }

        @Override
        public void run() {
            while (true) {
                Job mine = job;
                if (mine != null) {
                    mine.run();
                    job = null;
                    IDLE.addFirst(this);
                }
                spinWhile(() -> job == null);
                asleep = true;
                while (job == null) {
                    LockSupport.park(this);
                }
                asleep = false;
            }
        }
    }

    private static void spinWhile(BooleanSupplier waiting) {
        long end = System.nanoTime() + SPIN_NANOS;
        while (waiting.getAsBoolean() && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    private static final class Job {
        private final int count;
        private final IntConsumer task;
        private final Thread owner;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger left;
        private volatile @Nullable Throwable failure;

        Job(int count, IntConsumer task, Thread owner) {
            this.count = count;
            this.task = task;
            this.owner = owner;
            left = new AtomicInteger(count);
        }

        void run() {
            Integer before = OVERRIDE.get();
            OVERRIDE.set(1);
            try {
                for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                    step(i);
                }
            } finally {
                restore(before);
            }
        }

        /** A task that fails still counts as done, so that the owner never waits for ever; the owner rethrows. */
        @SuppressWarnings("CatchingUnchecked")
        private void step(int i) {
            try {
                if (failure == null) {
                    task.accept(i);
                }
            } catch (Throwable t) {
                synchronized (this) {
                    if (failure == null) {
                        failure = t;
                    }
                }
            } finally {
                if (left.decrementAndGet() == 0) {
                    LockSupport.unpark(owner);
                }
            }
        }

        void await() {
            spinWhile(() -> left.get() > 0);
            boolean interrupted = false;
            while (left.get() > 0) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            Throwable t = failure;
            if (t instanceof RuntimeException e) {
                throw e;
            }
            if (t instanceof Error e) {
                throw e;
            }
        }
    }
}
