package org.veil4j.he.rlwe;

import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.Fingerprint;

/** Evaluation keys that remember which of them were asked for, each with the highest level. */
public final class RecordingKeys implements EvaluationKeys {
    private final EvaluationKeys keys;
    private KeyRequest used = KeyRequest.none();

    public RecordingKeys(EvaluationKeys keys) {
        this.keys = keys;
    }

    /** What has been asked for. */
    public synchronized KeyRequest used() {
        return used.under(keys.parameters());
    }

    @Override
    public RlweParameters parameters() {
        return keys.parameters();
    }

    @Override
    public @Nullable Fingerprint keyPair() {
        return keys.keyPair();
    }

    @Override
    public KeyRequest contents() {
        return keys.contents();
    }

    @Override
    public KeySwitchKey relinearization(int level) {
        synchronized (this) {
            used = used.withRelinearization(level);
        }
        return keys.relinearization(level);
    }

    @Override
    public KeySwitchKey rotation(int steps, int level) {
        synchronized (this) {
            used = used.withRotation(steps, level);
        }
        return keys.rotation(steps, level);
    }

    @Override
    public KeySwitchKey conjugation(int level) {
        synchronized (this) {
            used = used.withConjugation(level);
        }
        return keys.conjugation(level);
    }
}
