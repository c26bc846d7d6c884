package org.veil4j.he.rlwe;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keys that were loaded, up to a number of bytes: the least recently used leave first, before the one that takes their place
 * is loaded. Each is loaded once, however many threads ask for it at a time. Safe for use by several threads.
 */
final class KeyCache {
    /** A key that is there, or is being loaded. */
    private record Entry(long bytes, CompletableFuture<KeySwitchKey> key) {}

    private final long budget;
    /** Least recently used first. */
    private final LinkedHashMap<KeyName, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private long resident;

    KeyCache(long budget) {
        this.budget = budget;
    }

    /**
     * The key of a name. What does not fit, because it is larger than the budget or because others are just being loaded, is
     * loaded and not kept.
     */
    KeySwitchKey get(KeyName name, long bytes, Supplier<KeySwitchKey> loader) {
        Entry own = null;
        Entry found;
        synchronized (this) {
            found = entries.get(name);
            if (found == null && makeRoom(bytes)) {
                own = new Entry(bytes, new CompletableFuture<>());
                entries.put(name, own);
                resident += bytes;
            }
        }
        if (found != null) {
            return await(found);
        }
        return own == null ? loader.get() : load(name, own, loader);
    }

    private KeySwitchKey load(KeyName name, Entry own, Supplier<KeySwitchKey> loader) {
        @Nullable KeySwitchKey key = null;
        try {
            key = loader.get();
            own.key.complete(key);
            return key;
        } catch (RuntimeException | Error e) {
            own.key.completeExceptionally(e);
            throw e;
        } finally {
            if (key == null) {
                synchronized (this) {
                    if (entries.remove(name, own)) {
                        resident -= own.bytes;
                    }
                }
            }
        }
    }

    private static KeySwitchKey await(Entry entry) {
        try {
            return entry.key.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Lets keys go until the given bytes fit; none if that is not enough. Keys that are being loaded stay. */
    private boolean makeRoom(long bytes) {
        long free = budget - resident;
        for (Entry e : entries.values()) {
            free += e.key.isDone() ? e.bytes : 0;
        }
        if (bytes > free) {
            return false;
        }
        Iterator<Map.Entry<KeyName, Entry>> oldest = entries.entrySet().iterator();
        while (budget - resident < bytes) {
            Entry e = oldest.next().getValue();
            if (e.key.isDone()) {
                oldest.remove();
                resident -= e.bytes;
            }
        }
        return true;
    }

    /** Whether a key is there or is being loaded. Leaves its age as it is. */
    synchronized boolean contains(KeyName name) {
        return entries.containsKey(name);
    }

    /** Bytes of the keys that are there or are being loaded to stay. */
    synchronized long residentBytes() {
        return resident;
    }

    /** Lets all keys go that are there. */
    synchronized void clear() {
        entries.values().removeIf(e -> e.key.isDone());
        resident = entries.values().stream().mapToLong(Entry::bytes).sum();
    }
}
