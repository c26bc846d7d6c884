package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Units;
import org.veil4j.he.nn.ClientSpec;
import org.veil4j.he.nn.CompiledModel;
import org.veil4j.he.nn.ModelClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code veil4j encrypt-model}: the owner of network and secret key encrypts the weights for the server. */
@Command(
        name = "encrypt-model",
        description = "Encrypts the weights of a model that was compiled with --weights encrypted, for the server.")
final class EncryptModelCommand extends Verb {
    @Option(names = "--spec", paramLabel = "FILE", required = true, description = "client.veil of the model.")
    private Path spec = Path.of("");

    @Option(
            names = "--model",
            paramLabel = "FILE",
            required = true,
            description = "model.veil, which compile wrote: the owner's, with the weights in the clear.")
    private Path model = Path.of("");

    @Option(names = "--secret", paramLabel = "FILE", required = true, description = "The owner's secret.key.")
    private Path secret = Path.of("");

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "File to write, for the server.")
    private Path out = Path.of("");

    @Override
    void run(RunRecord run) throws IOException {
        ClientSpec specification = ClientSpec.read(spec);
        CompiledModel owners = CompiledModel.read(model);
        long start = System.nanoTime();
        long bytes;
        try (ModelClient owner = ModelClient.open(specification, secret);
                PhaseProgress progress = new PhaseProgress()) {
            bytes = owner.encryptModelTo(
                    owners,
                    out,
                    (stage, stages, name, done, total) ->
                            progress.progress("encrypt", (stage + done / (double) total) / stages));
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        run.put("secondsEncryptModel", seconds).put("bytesModel", bytes);
        out().println("wrote " + out + " (" + Units.bytes(bytes) + ", for the server; nobody without " + secret
                + " learns the weights from it) in " + Units.seconds(seconds));
        out().flush();
    }
}
