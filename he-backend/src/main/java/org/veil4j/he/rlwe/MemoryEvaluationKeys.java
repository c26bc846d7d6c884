package org.veil4j.he.rlwe;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** Evaluation keys that are all in memory. Immutable. */
final class MemoryEvaluationKeys extends KeyLookup {
    private final SortedMap<KeyName, KeySwitchKey> keys;

    /**
     * Keys by canonical name.
     *
     * @param keys copied
     */
    MemoryEvaluationKeys(RlweParameters parameters, SortedMap<KeyName, KeySwitchKey> keys) {
        super(parameters, contents(keys));
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
