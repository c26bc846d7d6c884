package org.veil4j.experiments.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.experiments.evaluate.Classes;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Units;
import org.veil4j.he.io.FileTarget;
import org.veil4j.he.nn.ClientSpec;
import org.veil4j.he.nn.DecryptedOutputs;
import org.veil4j.he.nn.ModelClient;
import org.veil4j.he.nn.PublishedOutputs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veil4j decrypt}: a client reads the server's answer. Gives classes and rounded outputs: raw ones carry noise of the key. */
@Command(name = "decrypt", description = "Decrypts the server's answer and shows the predicted classes.")
final class DecryptCommand extends Verb {
    private static final int SHOWN = 10;

    @Option(names = "--spec", paramLabel = "FILE", required = true, description = "client.veil of the model.")
    private Path spec = Path.of("");

    @Option(names = "--secret", paramLabel = "FILE", required = true, description = "The client's secret.key.")
    private Path secret = Path.of("");

    @Option(names = "--in", paramLabel = "FILE", required = true, description = "The server's answer.")
    private Path in = Path.of("");

    @Option(
            names = "--labels",
            paramLabel = "NAME",
            description = "Compare with the labels of this test set, for images that --dataset NAME encrypted.")
    private @Nullable String labels;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the predicted classes, one a line.")
    private @Nullable Path out;

    @Option(
            names = "--logits",
            paramLabel = "FILE",
            description = "Write the outputs, one image a line, rounded so that they may be published.")
    private @Nullable Path logits;

    @Mixin
    private final DataOption data = new DataOption();

    @Override
    void run(RunRecord run) throws IOException {
        ClientSpec specification = ClientSpec.read(spec);
        Dataset truth = labels == null ? null : data.open().test(labels);
        if (logits != null) {
            specification.requirePublishable();
        }
        long start = System.nanoTime();
        double[][] outputs;
        @Nullable PublishedOutputs published = null;
        try (ModelClient client = ModelClient.open(specification, secret)) {
            DecryptedOutputs decrypted = client.decryptOutputs(in);
            outputs = decrypted.raw();
            if (logits != null) {
                published = decrypted.forPublication();
            }
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        int[] classes = new int[outputs.length];
        int suspicious = 0;
        for (int i = 0; i < classes.length; i++) {
            classes[i] = Classes.of(outputs[i]);
            suspicious += specification.nearCapacity(outputs[i]) ? 1 : 0;
        }
        run.confidential()
                .put("images", classes.length)
                .put("secondsDecrypt", seconds)
                .put("imagesNearCapacity", suspicious)
                .put("classes", classes);
        if (suspicious > 0) {
            out().println("WARNING: " + suspicious + " images have outputs near what the modulus holds ("
                    + Math.round(specification.outputCapacity()) + "): they may have wrapped around, and all images of"
                    + " their batch with them; have the network compiled with a smaller --log-output-scale. Where no"
                    + " class is right, the secret key is not the one that encrypted the images, or the evaluation keys"
                    + " were made with another");
        }
        out().println(classes.length + " images decrypted in " + Units.seconds(seconds));
        if (truth == null) {
            String more = classes.length > SHOWN ? ", ..." : "";
            out().println("classes: "
                    + String.join(
                            ", ",
                            Arrays.stream(classes)
                                    .limit(SHOWN)
                                    .mapToObj(Integer::toString)
                                    .toList())
                    + more);
        } else {
            if (classes.length > truth.size()) {
                throw new UsageException("labels=" + labels + ": has " + truth.size() + " labels, the answer has "
                        + classes.length + " images; name the data set that was encrypted");
            }
            double accuracy =
                    Classes.accuracy(outputs, truth.first(classes.length).labels());
            run.put("accuracyEncrypted", accuracy);
            out().println("accuracy: " + Units.percent(accuracy));
        }
        write(out, Arrays.stream(classes).mapToObj(Integer::toString));
        if (published != null) {
            write(logits, Arrays.stream(published.rows()).map(DecryptCommand::line));
            run.put("publishedBits", published.bits());
            out().println("wrote " + logits + ": multiples of 2^-" + published.bits());
        }
        out().flush();
    }

    private static String line(double[] outputs) {
        return Arrays.stream(outputs).mapToObj(Double::toString).collect(Collectors.joining(","));
    }

    private static void write(@Nullable Path file, Stream<String> lines) throws IOException {
        if (file == null) {
            return;
        }
        try (FileTarget target = FileTarget.create(file, true)) {
            BufferedWriter writer =
                    new BufferedWriter(new OutputStreamWriter(target.stream(), StandardCharsets.US_ASCII));
            for (String line : (Iterable<String>) lines::iterator) {
                writer.write(line + "\n");
            }
            writer.flush();
            target.commit();
        } catch (IOException e) {
            String message = Failures.message(e);
            throw message.startsWith("out=")
                    ? e
                    : new IOException("out=" + file + ": cannot be written (" + message + "); nothing was kept", e);
        }
    }
}
