package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.veil4j.experiments.head.HeadOwner;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Units;
import org.veil4j.he.mlr.MlrClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veil4j refresh-head}: the owner encrypts weights anew for a server whose levels are used up. */
@Command(
        name = "refresh-head",
        description = {
            "Answers a server's requests to encrypt weights anew, in a folder that both share or copy.",
            "refresh-T-request.veil becomes refresh-T-answer.veil."
        })
final class RefreshHeadCommand extends Verb {
    @Mixin
    private final HeadOwnerOptions owner = new HeadOwnerOptions();

    @Option(names = "--state", paramLabel = "DIR", required = true, description = "The folder of the messages.")
    private Path state = Path.of("");

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description = "Go on until no request has come for so long (default: answer what is there).")
    private double wait;

    @Override
    void run(RunRecord run) throws IOException {
        Folders.require("state", state);
        try (MlrClient client = owner.open();
                HeadBar bar = new HeadBar()) {
            HeadOwner desk = new HeadOwner(client, state, bar);
            desk.answer(wait);
            run.put("answered", desk.answered())
                    .put("bytesRead", desk.bytesRead())
                    .put("bytesWritten", desk.bytesWritten());
            out().println("answered " + desk.answered() + (desk.answered() == 1 ? " request" : " requests") + ": "
                    + Units.bytes(desk.bytesRead()) + " in, " + Units.bytes(desk.bytesWritten()) + " out");
        }
        out().flush();
    }
}
