package org.veil4j.experiments.head;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.mlr.EncryptedDataset;
import org.veil4j.he.mlr.EncryptedHead;
import org.veil4j.he.mlr.EncryptedWeights;
import org.veil4j.he.mlr.MlrPlan;
import org.veil4j.he.mlr.MlrTrainer;

/**
 * The server's side of a training over files. Its folder holds the weights after the last finished iteration
 * ({@code weights.veil}), so that an interrupted run can resume, and the messages of refreshes. Not thread-safe.
 */
public final class HeadServer {
    private static final String WEIGHTS = "weights.veil";
    private static final long POLL_MILLIS = 100;

    private final MlrPlan plan;
    private final Path folder;
    private final RefreshMessages messages;
    private final double waitSeconds;
    private final HeadListener listener;
    private final List<Double> seconds = new ArrayList<>();
    private int refreshes;
    private long refreshBytes;
    private double waited;

    /**
     * A server.
     *
     * @param folder where weights and messages are put; must exist, and belong to this run alone
     * @param waitSeconds how long to wait for the answer to a refresh; 0 to stop at once
     * @throws IllegalArgumentException if that is negative
     */
    public HeadServer(MlrPlan plan, Path folder, double waitSeconds, HeadListener listener) {
        if (!(waitSeconds >= 0)) {
            throw new IllegalArgumentException("wait=" + waitSeconds + ": must be at least 0 seconds");
        }
        this.plan = plan;
        this.folder = folder;
        this.messages = new RefreshMessages(folder);
        this.waitSeconds = waitSeconds;
        this.listener = listener;
    }

    /**
     * Trains, or goes on where a run was interrupted.
     *
     * @param keys file of the owner's evaluation keys
     * @param features file of the encrypted features
     * @param resume whether to go on from what the folder holds; a folder that holds something is refused otherwise
     * @throws RefreshPendingException if the weights have to be refreshed and no answer came in time
     * @throws IllegalArgumentException if the folder holds another run and this one is not to resume it
     */
    public EncryptedHead train(Path keys, Path features, boolean resume) throws IOException {
        Path saved = folder.resolve(WEIGHTS);
        if (!resume && (Files.exists(saved) || messages.any())) {
            throw new IllegalArgumentException("state=" + folder + ": holds a run that was begun; add --resume to go on"
                    + " with it, or name an empty folder");
        }
        EncryptedWeights from = resume && Files.exists(saved) ? EncryptedWeights.read(saved, plan) : null;
        EncryptedDataset dataset = EncryptedDataset.read(features, plan);
        MlrTrainer trainer = MlrTrainer.open(plan, keys);
        int done = from == null ? 0 : from.iteration();
        listener.progress("train", done, plan.settings().iterations());
        try {
            return trainer.train(dataset, from, this::refreshed, this::save).head();
        } catch (UncheckedIOException e) {
            throw e.getCause() == null ? new IOException(e) : e.getCause();
        }
    }

    private void save(EncryptedWeights weights, double iterationSeconds) {
        try {
            weights.write(folder.resolve(WEIGHTS));
            messages.deleteBefore(weights.iteration());
        } catch (IOException e) {
            throw new UncheckedIOException(new IOException(
                    "state=" + folder + ": the weights after iteration " + weights.iteration()
                            + " cannot be saved there; check space and permissions, then go on with --resume",
                    e));
        }
        seconds.add(iterationSeconds);
        listener.progress("train", weights.iteration(), plan.settings().iterations());
    }

    private EncryptedWeights refreshed(EncryptedWeights used) {
        int t = used.iteration();
        long start = System.nanoTime();
        try {
            EncryptedWeights fresh = answer(t);
            if (fresh == null) {
                if (!Files.exists(messages.request(t))) {
                    refreshBytes += used.write(messages.request(t));
                }
                fresh = awaited(t);
            }
            refreshBytes += Files.size(messages.answer(t));
            refreshes++;
            return fresh;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            waited += (System.nanoTime() - start) * 1e-9;
        }
    }

    private EncryptedWeights awaited(int t) throws IOException {
        long deadline = System.nanoTime() + (long) (Math.min(waitSeconds, 1e9) * 1e9);
        while (true) {
            boolean last = System.nanoTime() >= deadline;
            try {
                EncryptedWeights fresh = answer(t);
                if (fresh != null) {
                    return fresh;
                }
            } catch (CorruptDataException e) {
                // While there is time, a damaged file may be one that is still being copied.
                if (last) {
                    throw e;
                }
            }
            if (last) {
                throw new RefreshPendingException(t, messages.request(t), messages.answer(t));
            }
            pause();
        }
    }

    private @Nullable EncryptedWeights answer(int t) throws IOException {
        try {
            return Files.exists(messages.answer(t)) ? EncryptedWeights.read(messages.answer(t), plan) : null;
        } catch (NoSuchFileException e) {
            return null; // taken away between the two
        }
    }

    static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a message", e);
        }
    }

    /** Seconds of each iteration that this process finished. */
    public List<Double> secondsPerIteration() {
        return List.copyOf(seconds);
    }

    /** Refreshes that this process took in. */
    public int refreshes() {
        return refreshes;
    }

    /** Bytes of their messages that this process wrote or read. */
    public long refreshBytes() {
        return refreshBytes;
    }

    /** Seconds spent on refreshes, mostly waiting. */
    public double secondsWaited() {
        return waited;
    }
}
