package org.veil4j.he.rlwe;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.Fingerprint;

/** Evaluation keys that are all in memory. Immutable. */
final class MemoryEvaluationKeys extends KeyLookup {
    private final SortedMap<KeyName, KeySwitchKey> keys;

    /**
     * Keys by canonical name.
     *
     * @param keys copied
     * @param keyPair what they were made with; null where that is not known
     */
    MemoryEvaluationKeys(
            RlweParameters parameters, SortedMap<KeyName, KeySwitchKey> keys, @Nullable Fingerprint keyPair) {
        super(parameters, contents(keys), keyPair);
        this.keys = Collections.unmodifiableSortedMap(new TreeMap<>(keys));
    }

    private static KeyRequest contents(SortedMap<KeyName, KeySwitchKey> keys) {
        SortedMap<KeyName, Integer> levels = new TreeMap<>();
        keys.forEach((name, key) -> levels.put(name, key.maxLevel()));
        return KeyRequest.of(levels);
    }

    @Override
    KeySwitchKey get(KeyName name) {
        KeySwitchKey key = keys.get(name);
        if (key == null) {
            throw new IllegalStateException("the contents name no " + name);
        }
        return key;
    }
}
