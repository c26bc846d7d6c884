package org.veil4j.he.ring.kernel;

import java.util.List;

/** Chooses the kernels of this process, once. */
public final class Kernels {
    private Kernels() {}

    /** The kernels in use. */
    public static PolyKernels get() {
        return PlainKernels.INSTANCE;
    }

    /** Name of the kernels in use and why they were chosen, for logs and reports. */
    public static String description() {
        return "plain: default";
    }

    /** Every implementation that this JVM can run, for tests and benchmarks. */
    public static List<PolyKernels> all() {
        return List.of(PlainKernels.INSTANCE, ScalarKernels.INSTANCE);
    }

    /**
     * The implementation of the given name.
     *
     * @throws IllegalArgumentException when this JVM has none of that name
     */
    public static PolyKernels named(String name) {
        for (PolyKernels kernels : all()) {
            if (kernels.name().equals(name)) {
                return kernels;
            }
        }
        throw new IllegalArgumentException("kernels=" + name + ": must be one of "
                + all().stream().map(PolyKernels::name).toList());
    }
}
