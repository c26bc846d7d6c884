package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.experiments.evaluate.InferenceHeap;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Units;
import org.veil4j.he.nn.ClientSpec;
import org.veil4j.he.nn.ImageBatch;
import org.veil4j.he.nn.ImageEncryptor;
import org.veil4j.he.nn.ModelClient;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veil4j encrypt}: a client encrypts images into a file for the server. */
@Command(name = "encrypt", description = "Encrypts images for the server.")
final class EncryptCommand extends Verb {
    @Option(names = "--spec", paramLabel = "FILE", required = true, description = "client.veil of the model.")
    private Path spec = Path.of("");

    @ArgGroup(multiplicity = "1")
    private Key key = new Key();

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    @Option(names = "--count", paramLabel = "N", description = "Only the first N images (default: all).")
    private @Nullable Integer count;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "File to write.")
    private Path out = Path.of("");

    @Mixin
    private final DataOption data = new DataOption();

    /** What the images are encrypted with. */
    static final class Key {
        @Option(names = "--secret", paramLabel = "FILE", description = "The client's own secret.key.")
        private @Nullable Path secret;

        @Option(
                names = "--public-key",
                paramLabel = "FILE",
                description = "public.key of another, who alone can decrypt the images and the answer.")
        private @Nullable Path open;
    }

    /** Where the images come from. */
    static final class Source {
        @Option(names = "--dataset", paramLabel = "NAME", description = "Test set: fashion-mnist, cifar-10 or mnist.")
        private @Nullable String dataset;

        @Option(
                names = "--images",
                paramLabel = "FILE.csv",
                description = "One image a line: pixels 0 to 255 separated by commas, channel by channel, row by row.")
        private @Nullable Path images;
    }

    @Override
    void run(RunRecord run) throws IOException {
        ClientSpec specification = ClientSpec.read(spec);
        InferenceHeap.require(specification.batchBytes(), Runtime.getRuntime().maxMemory());
        ImageBatch images = images(specification.inputShape().size());
        if (count != null) {
            if (count < 1 || count > images.count()) {
                throw new UsageException(
                        "count=" + count + ": must be 1 to " + images.count() + ", the images there are");
            }
            images = images.slice(0, count);
        }
        long start = System.nanoTime();
        long bytes;
        try (@Nullable ModelClient client = key.secret == null ? null : ModelClient.open(specification, key.secret);
                Progress bar = Progress.start(
                        "encrypt",
                        batches(images, specification)
                                * specification.inputLayout().ciphertexts())) {
            bytes = encryptor(specification, client).encryptTo(images, out, done -> bar.done(done));
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        run.put("images", images.count()).put("secondsEncrypt", seconds).put("bytesUp", bytes);
        out().println("wrote " + out + ": " + images.count() + " images, " + Units.bytes(bytes) + ", in "
                + Units.seconds(seconds));
        out().flush();
    }

    private ImageEncryptor encryptor(ClientSpec specification, @Nullable ModelClient client) throws IOException {
        return client == null
                ? ImageEncryptor.open(specification, key.open == null ? Path.of("") : key.open)
                : client.images();
    }

    private static long batches(ImageBatch images, ClientSpec specification) {
        return (images.count() + specification.images() - 1L) / specification.images();
    }

    private ImageBatch images(int elements) throws IOException {
        if (source.images != null) {
            return ImageBatch.of(CsvImages.read(source.images, elements));
        }
        Dataset test = data.open().test(source.dataset == null ? "" : source.dataset);
        return ImageBatch.of(test.images());
    }
}
