package org.veil4j.experiments.head;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.mlr.EncryptedWeights;
import org.veil4j.he.mlr.MlrClient;

/**
 * The owner's side of refreshes over files: answers {@code refresh-t-request.veil} by {@code refresh-t-answer.veil}, then deletes
 * the request. Not thread-safe.
 */
public final class HeadOwner {
    private final MlrClient client;
    private final RefreshMessages messages;
    private final HeadListener listener;
    private int answered;
    private long bytesRead;
    private long bytesWritten;

    /**
     * An owner.
     *
     * @param folder where messages come and go; must exist
     */
    public HeadOwner(MlrClient client, Path folder, HeadListener listener) {
        this.client = client;
        this.messages = new RefreshMessages(folder);
        this.listener = listener;
    }

    /**
     * Answers requests until none has come for a while.
     *
     * @param waitSeconds that while; 0 to answer what is there
     * @throws CorruptDataException if a request is damaged, and still is after that while
     */
    public void answer(double waitSeconds) throws IOException {
        if (!(waitSeconds >= 0)) {
            throw new IllegalArgumentException("wait=" + waitSeconds + ": must be at least 0 seconds");
        }
        long patience = (long) (Math.min(waitSeconds, 1e9) * 1e9);
        long deadline = System.nanoTime() + patience;
        while (true) {
            boolean last = System.nanoTime() >= deadline;
            boolean some = false;
            for (int t : messages.requests()) {
                try {
                    answer(t);
                    some = true;
                } catch (CorruptDataException e) {
                    // While there is time, a damaged file may be one that is still being copied.
                    if (last) {
                        throw e;
                    }
                }
            }
            if (some) {
                deadline = System.nanoTime() + patience;
            } else if (last) {
                return;
            }
            if (patience == 0) {
                return;
            }
            HeadServer.pause();
        }
    }

    private void answer(int t) throws IOException {
        Path request = messages.request(t);
        EncryptedWeights used = EncryptedWeights.read(request, client.plan());
        if (used.iteration() != t) {
            throw new IllegalArgumentException("file=" + request + ": holds the weights after iteration "
                    + used.iteration() + ", must be " + t + "; keep the name that the server gave it");
        }
        bytesRead += Files.size(request);
        bytesWritten += client.refresh(used).write(messages.answer(t));
        Files.deleteIfExists(request);
        answered++;
        listener.progress("refresh", answered, client.plan().refreshPoints().size());
    }

    /** Requests answered so far. */
    public int answered() {
        return answered;
    }

    /** Bytes of these. */
    public long bytesRead() {
        return bytesRead;
    }

    /** Bytes of the answers. */
    public long bytesWritten() {
        return bytesWritten;
    }
}
