package org.veil4j.he.mlr;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Has the owner encrypt weights anew, by a message each way in files: for runs in which both roles live in one process. Files
 * are deleted after use. Not thread-safe.
 */
public final class ClientRefresher implements Refresher {
    private final MlrClient client;
    private final Path folder;
    private int count;
    private long bytesToClient;
    private long bytesToServer;

    /**
     * A refresher.
     *
     * @param folder where messages are put; must exist
     */
    public ClientRefresher(MlrClient client, Path folder) {
        this.client = client;
        this.folder = folder;
    }

    @Override
    public EncryptedWeights refresh(EncryptedWeights weights) {
        Path request = folder.resolve("refresh-" + weights.iteration() + "-request.veil");
        Path answer = folder.resolve("refresh-" + weights.iteration() + "-answer.veil");
        try {
            bytesToClient += weights.write(request);
            EncryptedWeights received = EncryptedWeights.read(request, client.plan());
            bytesToServer += client.refresh(received).write(answer);
            EncryptedWeights fresh = EncryptedWeights.read(answer, client.plan());
            Files.delete(request);
            Files.delete(answer);
            count++;
            return fresh;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "folder=" + folder + ": messages of a refresh cannot be exchanged; check space and permissions", e);
        }
    }

    /** Refreshes so far. */
    public int count() {
        return count;
    }

    /** Bytes that went from server to client. */
    public long bytesToClient() {
        return bytesToClient;
    }

    /** Bytes that came back. */
    public long bytesToServer() {
        return bytesToServer;
    }
}
