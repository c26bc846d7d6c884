package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.he.nn.ImageBatch;
import org.veil4j.zoo.InputShape;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Images on which the compiler measures ranges and precision. */
final class SampleOptions {
    @Option(
            names = "--samples",
            paramLabel = "FILE.csv",
            description =
                    "Measure ranges and precision on these images, one a line, pixels 0 to 255; public ones, like those"
                            + " that will be encrypted (default: test images of the network's data set, if they are here).")
    private @Nullable Path samples;

    @Mixin
    private final DataOption data = new DataOption();

    /**
     * The images, null if there are none.
     *
     * @param dataset name of the network's data set, null where nothing says it
     * @param input shape that the network takes
     */
    @Nullable
    ImageBatch load(@Nullable String dataset, InputShape input) throws IOException {
        if (samples != null) {
            return ImageBatch.of(CsvImages.read(samples, input.elements()));
        }
        Dataset test = dataset == null ? null : data.open().localTest(dataset);
        return test == null || !test.shape().equals(input) ? null : ImageBatch.of(test.images());
    }
}
