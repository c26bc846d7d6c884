package org.veil4j.experiments.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a server trains from, and where it puts what it makes. */
final class ServerHeadOptions {
    @Option(names = "--plan", paramLabel = "FILE", description = "Server: plan.veil of the training.")
    private @Nullable Path plan;

    @Option(names = "--keys", paramLabel = "FILE", description = "Server: the owner's evaluation.keys.")
    private @Nullable Path keys;

    @Option(names = "--in", paramLabel = "FILE", description = "Server: the owner's features.veil.")
    private @Nullable Path in;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "Server: existing folder for the weights of the last finished iteration and the messages of"
                    + " refreshes.")
    private @Nullable Path state;

    @Option(names = "--out", paramLabel = "FILE", description = "Server: write the encrypted head.")
    private @Nullable Path out;

    @Option(names = "--resume", description = "Server: go on from the last finished iteration in --state.")
    private boolean resume;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description = "Server: wait so long for the owner's answer to a refresh (default: stop, to be resumed).")
    private double wait;

    Path plan() {
        return required("--plan", plan);
    }

    Path keys() {
        return required("--keys", keys);
    }

    Path in() {
        return required("--in", in);
    }

    Path state() {
        Path folder = required("--state", state);
        Folders.require("state", folder);
        return folder;
    }

    Path out() {
        Path file = required("--out", out);
        Folders.requireFor("out", file);
        return file;
    }

    boolean resume() {
        return resume;
    }

    double waitSeconds() {
        return wait;
    }

    private static Path required(String option, @Nullable Path value) {
        if (value == null) {
            throw new UsageException(option + ": not given; a server needs --plan, --keys, --in, --state and --out"
                    + " (or add --local to run all roles here)");
        }
        return value;
    }
}
