package org.veil4j.experiments.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Checks, before the work, of folders named on the command line. */
final class Folders {
    private Folders() {}

    /** Refuses what is not an existing folder. */
    static void require(String option, Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new UsageException(option + "=" + folder + ": is not an existing folder; create it first");
        }
    }

    /** Refuses a file to write that is a folder, or whose folder does not exist. */
    static void requireFor(String option, Path file) {
        if (Files.isDirectory(file)) {
            throw new UsageException(option + "=" + file + ": is a folder; name a file");
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new UsageException(option + "=" + file + ": its folder does not exist; create it first");
        }
    }
}
