package org.veil4j.experiments.cli;

import org.veil4j.he.nn.CompileOptions;
import org.veil4j.he.rlwe.SecurityLevel;
import org.veil4j.zoo.InputNormalisation;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a network is compiled. */
final class PlanOptions {
    /** The slots of the ring that networks of moderate depth need for security anyway. */
    private static final int USUAL_BATCH = 8192;

    @Mixin
    private final MemoryOption memory = new MemoryOption();

    @Option(
            names = "--log-n",
            paramLabel = "N",
            description =
                    "log2 of the ring degree, 10 to 17 (default: the smallest that is secure and holds the batch).")
    private int logN;

    @Option(
            names = "--insecure-test-parameters",
            hidden = true,
            description = "Drop the security requirement: for tests only.")
    private boolean insecure;

    /**
     * The compiler's options.
     *
     * @param images images that a batch should hold; more are split into several batches
     */
    CompileOptions build(int images, InputNormalisation normalisation) {
        if (logN != 0 && (logN < 10 || logN > 17)) {
            throw new UsageException("log-n=" + logN + ": must be 10 to 17, or left out");
        }
        return CompileOptions.builder()
                .batch(Math.max(1, Math.min(images, logN == 0 ? USUAL_BATCH : 1 << (logN - 1))))
                .logN(logN)
                .security(insecure ? SecurityLevel.INSECURE_TEST : SecurityLevel.BITS_128)
                .memoryBudgetBytes(memory.bytes())
                .normalisation(normalisation.mean(), normalisation.std())
                .build();
    }
}
