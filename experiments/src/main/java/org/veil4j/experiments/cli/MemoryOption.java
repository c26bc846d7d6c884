package org.veil4j.experiments.cli;

import picocli.CommandLine.Option;

/** The memory budget of a compiled plan. */
final class MemoryOption {
    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "Refuse a plan that needs more memory, such as 2g (default: no limit).")
    private long bytes;

    /** The budget in bytes, 0 for none. */
    long bytes() {
        return bytes;
    }
}
