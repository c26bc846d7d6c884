package org.veil4j.experiments.cli;

import org.jspecify.annotations.Nullable;
import org.veil4j.he.nn.CompileOptions;
import org.veil4j.he.nn.LayoutChoice;
import org.veil4j.he.nn.WeightSecrecy;
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
            names = "--layout",
            paramLabel = "NAME",
            description =
                    "How tensors lie in ciphertexts: batch (one image a slot; for thousands of images), packed (one"
                            + " image, or a few, a ciphertext; an answer in a second), or auto (default: ${DEFAULT-VALUE}).",
            defaultValue = "batch")
    private LayoutChoice layout = LayoutChoice.BATCH;

    @Option(
            names = "--weights",
            paramLabel = "NAME",
            description =
                    "Whether the server may know the weights: plain, or encrypted (packed layout; under the same key as"
                            + " the images, see encrypt-model) (default: ${DEFAULT-VALUE}).",
            defaultValue = "plain")
    private WeightSecrecy weights = WeightSecrecy.PLAIN;

    @Option(
            names = "--images-per-ciphertext",
            paramLabel = "N",
            description = "Images that share a ciphertext in the packed layout, a power of two (default: 1).")
    private int imagesPerCiphertext = 1;

    @Option(
            names = "--log-n",
            paramLabel = "N",
            description =
                    "log2 of the ring degree, 10 to 17 (default: the smallest that is secure and holds the batch).")
    private int logN;

    @Option(
            names = "--log-output-scale",
            paramLabel = "N",
            description = "log2 of the scale of results, 20 to 38; they must stay below 2^(48-N) (default: 36).")
    private @Nullable Integer logOutputScale;

    @Option(
            names = "--insecure-test-parameters",
            hidden = true,
            description = "Drop the security requirement: for tests only.")
    private boolean insecure;

    /**
     * The compiler's options for images that are done in one process.
     *
     * @param images how many there are; more than a batch holds are split into several batches
     */
    CompileOptions build(int images, InputNormalisation normalisation) {
        return options(Math.max(1, Math.min(images, usualBatch())), normalisation);
    }

    /**
     * The compiler's options for a model of its own.
     *
     * @param batch images that a batch must hold, null for what the ring holds that most networks need
     */
    CompileOptions buildModel(@Nullable Integer batch, InputNormalisation normalisation) {
        return options(batch == null ? usualBatch() : batch, normalisation);
    }

    private int usualBatch() {
        if (logN != 0 && (logN < 10 || logN > 17)) {
            throw new UsageException("log-n=" + logN + ": must be 10 to 17, or left out");
        }
        return logN == 0 ? USUAL_BATCH : 1 << (logN - 1);
    }

    private CompileOptions options(int batch, InputNormalisation normalisation) {
        CompileOptions.Builder options = CompileOptions.builder();
        if (logOutputScale != null) {
            options.logOutputScale(logOutputScale);
        }
        return options.batch(batch)
                .layout(layout)
                .weights(weights)
                .imagesPerCiphertext(imagesPerCiphertext)
                .logN(logN)
                .security(insecure ? SecurityLevel.INSECURE_TEST : SecurityLevel.BITS_128)
                .memoryBudgetBytes(memory.bytes())
                .normalisation(normalisation.mean(), normalisation.std())
                .build();
    }
}
