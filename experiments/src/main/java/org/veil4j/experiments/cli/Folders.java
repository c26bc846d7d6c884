package org.veil4j.experiments.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Checks of folders named on the command line. */
final class Folders {
    private Folders() {}

    /** Refuses what is not an existing folder. */
    static void require(String option, Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new UsageException(option + "=" + folder + ": is not an existing folder; create it first");
        }
    }
}
