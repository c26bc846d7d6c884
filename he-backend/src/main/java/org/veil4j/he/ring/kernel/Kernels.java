package org.veil4j.he.ring.kernel;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the kernels of this process, once: the scalar ones when Math.fma is slow, which means that the CPU has no fma; the
 * vector ones when the module jdk.incubator.vector is present on JDK 21 or later, 512-bit vectors are preferred and a short
 * measurement says that they are well compiled; otherwise the plain ones. {@code -Dveil4j.kernels=plain|vector|scalar} overrides.
 */
public final class Kernels {
    /** The system property that forces a choice. */
    public static final String PROPERTY = "veil4j.kernels";

    private static final String VECTOR_CLASS = "org.veil4j.he.ring.kernel.vector.VectorKernels";
    private static final int MIN_VECTOR_JDK = 21;

    private record Choice(PolyKernels kernels, String reason) {}

    private static final class Holder {
        static final @Nullable PolyKernels VECTOR = loadVector();
        static final Choice CHOICE = choose();
    }

    private Kernels() {}

    /** The kernels in use. The first call may take up to a second where vectors are measured. */
    public static PolyKernels get() {
        return Holder.CHOICE.kernels();
    }

    /** Name of the kernels in use and why they were chosen, for logs and reports. */
    public static String description() {
        return get().name() + ": " + Holder.CHOICE.reason();
    }

    /** Every implementation that this JVM can run, for tests and benchmarks. */
    public static List<PolyKernels> all() {
        List<PolyKernels> all = new ArrayList<>();
        all.add(PlainKernels.INSTANCE);
        PolyKernels vector = Holder.VECTOR;
        if (vector != null) {
            all.add(vector);
        }
        all.add(ScalarKernels.INSTANCE);
        return all;
    }

    /**
     * The implementation of the given name.
     *
     * @throws IllegalArgumentException when this JVM has none of that name
     */
    public static PolyKernels named(String name) {
        List<PolyKernels> all = all();
        for (PolyKernels kernels : all) {
            if (kernels.name().equals(name)) {
                return kernels;
            }
        }
        throw new IllegalArgumentException(PROPERTY + "=" + name + ": must be one of "
                + all.stream().map(PolyKernels::name).toList()
                + "; vector needs --add-modules jdk.incubator.vector");
    }

    private static Choice choose() {
        String forced = System.getProperty(PROPERTY);
        if (forced != null) {
            return new Choice(named(forced), "asked for by -D" + PROPERTY);
        }
        if (fmaNanos() > 300) {
            return new Choice(ScalarKernels.INSTANCE, "Math.fma is not a hardware instruction here");
        }
        PolyKernels vector = Holder.VECTOR;
        if (vector == null) {
            return plain("module jdk.incubator.vector is not present");
        }
        if (Runtime.version().feature() < MIN_VECTOR_JDK) {
            return plain("vector code is not reliably compiled before JDK " + MIN_VECTOR_JDK);
        }
        int bits = preferredBits(vector);
        if (bits != 512) {
            return plain("preferred vectors have " + bits + " bits, not 512");
        }
        SelfTiming timing = SelfTiming.of(vector);
        return timing.faster() ? new Choice(vector, timing.description()) : plain(timing.description());
    }

    private static Choice plain(String reason) {
        return new Choice(PlainKernels.INSTANCE, reason);
    }

    /** Nanoseconds for one fma: a few when interpreted, a thousand or more when done with BigDecimal. */
    private static double fmaNanos() {
        double best = Double.POSITIVE_INFINITY;
        double x = 1.1;
        for (int round = 0; round < 20; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < 50; i++) {
                x = Math.fma(x, 0.9, 0.1);
            }
            best = Math.min(best, (System.nanoTime() - start) / 50.0);
        }
        return x > 2 ? Double.POSITIVE_INFINITY : best;
    }

    private static @Nullable PolyKernels loadVector() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return null;
        }
        try {
            return Class.forName(VECTOR_CLASS)
                    .asSubclass(PolyKernels.class)
                    .getConstructor(PolyKernels.class)
                    .newInstance(PlainKernels.INSTANCE);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(VECTOR_CLASS + ": must be in the same jar; rebuild he-backend", e);
        }
    }

    private static int preferredBits(PolyKernels vector) {
        try {
            return (int) vector.getClass().getMethod("preferredBits").invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(VECTOR_CLASS + ": must have preferredBits; rebuild he-backend", e);
        }
    }
}
