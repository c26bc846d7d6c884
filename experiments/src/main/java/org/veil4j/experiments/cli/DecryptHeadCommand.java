package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.data.DataRepository;
import org.veil4j.experiments.evaluate.NetworkBody;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.he.dl4j.HeadInstaller;
import org.veil4j.he.io.FileTarget;
import org.veil4j.he.mlr.EncryptedHead;
import org.veil4j.he.mlr.MlrClient;
import org.veil4j.he.mlr.clear.SoftmaxHead;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veil4j decrypt-head}: the owner decrypts what was trained. */
@Command(
        name = "decrypt-head",
        description = {
            "Decrypts a trained head, rounded so that it may be published.",
            "With --install: puts it on a network's body as its output layer."
        })
final class DecryptHeadCommand extends Verb {
    private static final int BITS = 10;

    @Mixin
    private final HeadOwnerOptions owner = new HeadOwnerOptions();

    @Option(names = "--in", paramLabel = "FILE", required = true, description = "The server's encrypted head.")
    private Path in = Path.of("");

    @ArgGroup
    private Precision precision = new Precision();

    @Option(names = "--out", paramLabel = "FILE", description = "Write the head, for predict.")
    private @Nullable Path out;

    @Option(
            names = "--install",
            paramLabel = "NETWORK",
            description = "What gave the features: squeezenet, or a Deeplearning4j zip file.")
    private @Nullable String network;

    @Mixin
    private final SqueezeNetOption weights = new SqueezeNetOption();

    @Option(
            names = "--layer",
            paramLabel = "NAME",
            description = "That layer (default: the one before the output layer).")
    private @Nullable String layer;

    @Option(names = "--average-maps", description = "Features are the means of its maps.")
    private boolean averageMaps;

    @Option(names = "--network-out", paramLabel = "FILE.zip", description = "Write the network with the head.")
    private @Nullable Path networkOut;

    /** How exact the head is. */
    static final class Precision {
        @Option(
                names = "--bits",
                paramLabel = "N",
                description = "Round weights to multiples of 2^-N, 0 to 40 (default: " + BITS
                        + "). Refused where the measured noise is not well below that.")
        private int bits = BITS;

        @Option(
                names = "--raw",
                description =
                        "Do not round. Raw weights carry noise that depends on the secret key: never publish them.")
        private boolean raw;
    }

    @Override
    void run(RunRecord run) throws IOException {
        if (out == null && networkOut == null || (network == null) != (networkOut == null)) {
            throw new UsageException("--out, --network-out: not given; name a file for the head, or --install and"
                    + " --network-out for a network with it");
        }
        if (network == null && (layer != null || averageMaps)) {
            throw new UsageException((layer != null ? "--layer" : "--average-maps")
                    + ": says where a network is cut; add --install and --network-out, or leave it out");
        }
        if (weights.given() && !SqueezeNetOption.NAME.equals(network)) {
            throw new UsageException("--weights: belongs to --install squeezenet; leave it out");
        }
        if (out != null) {
            Folders.requireFor("out", out);
        }
        if (networkOut != null) {
            Folders.requireFor("network-out", networkOut);
        }
        NetworkBody body = network == null ? null : body(network);
        SoftmaxHead head;
        int iteration;
        try (MlrClient client = owner.open()) {
            EncryptedHead encrypted = EncryptedHead.read(in, client.plan());
            iteration = encrypted.iteration();
            head = precision.raw ? client.decryptRaw(encrypted) : client.decrypt(encrypted, precision.bits);
        }
        run.put("iterations", iteration)
                .put("classes", head.classes())
                .put("features", head.features())
                .put("raw", precision.raw)
                .put("bits", precision.raw ? null : precision.bits);
        out().println("head of " + head.classes() + " classes on " + head.features() + " features after " + iteration
                + (iteration == 1 ? " iteration" : " iterations")
                + (precision.raw ? ", raw: keep it to yourself" : ", rounded to multiples of 2^-" + precision.bits));
        if (out != null) {
            head.write(out);
            out().println("wrote " + out + " (readable by you only; it says much about the training rows)");
        }
        if (body != null && networkOut != null) {
            install(head, body, networkOut, run);
        }
        out().flush();
    }

    private NetworkBody body(String from) throws IOException {
        return NetworkBody.cutAsIs(
                from.equals(SqueezeNetOption.NAME)
                        ? SqueezeNetOption.load(weights.file(DataRepository.open(null)))
                        : SavedNetwork.read(Path.of(from)).model(),
                layer);
    }

    private void install(SoftmaxHead head, NetworkBody body, Path to, RunRecord run) throws IOException {
        ComputationGraph whole = HeadInstaller.install(body.graph(), head, averageMaps);
        try (FileTarget target = FileTarget.create(to, false)) {
            ModelSerializer.writeModel(whole, target.stream(), false);
            target.commit();
        }
        run.put("layer", body.layer()).put("networkParameters", whole.numParams());
        out().println("wrote " + to + ": " + name() + " up to " + body.layer() + ", then the head ("
                + (head.preparation().normalisesRows() ? "after a layer that prepares" : "preparation folded in")
                + ")");
    }

    private String name() {
        return String.valueOf(Path.of(String.valueOf(network)).getFileName());
    }
}
