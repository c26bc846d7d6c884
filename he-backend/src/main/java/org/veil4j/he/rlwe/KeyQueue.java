package org.veil4j.he.rlwe;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.IntFunction;
import org.veil4j.he.io.FrameWriter;

/**
 * Writes keys in order while several threads make them: each packs its key, then waits for its turn. So there is one key a
 * thread in memory, and packing them, which takes longer than writing, is done in parallel.
 */
final class KeyQueue {
    private final FrameWriter writer;
    private int taken;
    private int written;
    private boolean failed;

    KeyQueue(FrameWriter writer) {
        this.writer = writer;
    }

    /**
     * Takes up the next key that no thread has taken up, makes and writes it.
     *
     * @param maker makes the key of a number; numbers count from 0
     * @throws UncheckedIOException when the place cannot be written
     */
    void writeNext(IntFunction<SeededKey> maker, IntFunction<KeyName> names) {
        int k = take();
        boolean done = false;
        try {
            SeededKey key = maker.apply(k);
            ByteArrayOutputStream packed =
                    new ByteArrayOutputStream((int) KeySwitchKey.serializedBytes(key.parameters(), key.level()));
            key.write(new DataOutputStream(packed));
            byte[] bytes = packed.toByteArray();
            if (awaitTurn(k)) {
                EvaluationKeyFormat.writeKey(writer, names.apply(k), key.level(), out -> out.write(bytes));
                done = true;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            finish(done);
        }
    }

    private synchronized int take() {
        return taken++;
    }

    /** Waits until the keys before are written; false if one of them never will be. */
    private synchronized boolean awaitTurn(int k) {
        boolean interrupted = false;
        while (written < k && !failed) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !failed;
    }

    private synchronized void finish(boolean done) {
        if (done) {
            written++;
        } else {
            failed = true;
        }
        notifyAll();
    }
}
