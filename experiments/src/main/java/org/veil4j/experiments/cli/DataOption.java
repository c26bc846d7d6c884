package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.data.DataRepository;
import picocli.CommandLine.Option;

/** Where data sets are. */
final class DataOption {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Data folder (default: VEIL4J_DATA, or download once into ~/.veil4j/data).")
    private @Nullable Path folder;

    DataRepository open() throws IOException {
        return DataRepository.open(folder);
    }
}
