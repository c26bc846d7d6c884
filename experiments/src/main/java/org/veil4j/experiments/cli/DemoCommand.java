package org.veil4j.experiments.cli;

import java.io.IOException;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.experiments.report.RunRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veil4j demo}: the bundled CryptoNet on bundled images, encrypted. Needs no network and no files. */
@Command(
        name = "demo",
        description = "Classifies 8,192 Fashion-MNIST test images under encryption with a CryptoNet of the zoo:"
                + " compiles it, makes keys, encrypts as a client, infers as a server that holds no secret key,"
                + " decrypts, and compares with Deeplearning4j in the clear.")
final class DemoCommand extends Verb {
    @Mixin
    private final PlanOptions plan = new PlanOptions();

    @Mixin
    private final DataOption data = new DataOption();

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "8192",
            description = "Images (default: ${DEFAULT-VALUE}).")
    private int count = 8192;

    @Override
    void run(RunRecord run) throws IOException {
        NetworkOptions network = new NetworkOptions();
        Dataset images = data.open().test(network.dataset());
        EvaluateCommand.evaluate(this, network.load(images.shape()), images.first(count), plan, run);
    }
}
