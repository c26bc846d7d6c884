package org.veil4j.he.ring;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Results of independent work, computed on the engine's threads. */
public final class Parallel {
    private Parallel() {}

    /**
     * f(0) to f(count - 1), in this order; see {@link Workers#forEach} for threads and failures.
     *
     * @param f must be safe to call from several threads at once
     */
    public static <T> List<T> map(int count, IntFunction<T> f) {
        AtomicReferenceArray<@Nullable T> results = new AtomicReferenceArray<>(count);
        Workers.forEach(count, i -> results.set(i, f.apply(i)));
        List<T> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            T result = results.get(i);
            if (result == null) {
                throw new IllegalStateException("result " + i + " is missing");
            }
            list.add(result);
        }
        return list;
    }
}
