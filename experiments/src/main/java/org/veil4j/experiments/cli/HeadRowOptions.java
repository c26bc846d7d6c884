package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.head.HeadData;
import picocli.CommandLine.Option;

/** Which rows train a head, and which test it. */
final class HeadRowOptions {
    @Option(
            names = "--features",
            paramLabel = "FILE.csv",
            description = "Labelled features: a label and its features a line, no header. The first rows train.")
    private @Nullable Path features;

    @Option(names = "--train", paramLabel = "N", description = "Train on the first N rows (default: all).")
    private int train;

    @Option(
            names = "--classes",
            paramLabel = "N",
            description = "Number of classes (default: the largest label plus one).")
    private int classes;

    /** The training rows alone. */
    HeadData training() throws IOException {
        return data(null, HeadData.NO_TEST);
    }

    /**
     * Training and test rows.
     *
     * @param testFeatures file of test rows, null for what follows the training rows
     * @param test how many; 0 for all
     * @throws UsageException if that is negative, which would measure on the training rows
     */
    HeadData read(@Nullable Path testFeatures, int test) throws IOException {
        if (test < 0) {
            throw new UsageException("test=" + test + ": must be at least 1, or left out for all rows that are left");
        }
        return data(testFeatures, test);
    }

    private HeadData data(@Nullable Path testFeatures, int test) throws IOException {
        if (features == null) {
            throw new UsageException("--features: not given; name the file of labelled features");
        }
        if (classes < 0 || classes == 1) {
            throw new UsageException("classes=" + classes + ": must be at least 2, or left out");
        }
        return HeadData.read(features, train, testFeatures, test, classes);
    }
}
