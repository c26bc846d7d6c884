package org.veil4j.experiments.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.data.DataRepository;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.experiments.data.FeatureCsvWriter;
import org.veil4j.experiments.evaluate.FeatureExtractor;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Units;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veil4j features}: images through a network's body, its output into a file of labelled features. */
@Command(
        name = "features",
        description = {
            "Cuts a network at a layer and writes that layer's output for each image: label, then features, a line an"
                    + " image, as train-head and encrypt-features read them.",
            "Images of another size than the network's (--shape, what its file says, 3x224x224 for squeezenet) are scaled"
                    + " bilinearly; grey ones are repeated in each channel."
        })
final class FeaturesCommand extends Verb {
    @Mixin
    private final BodyOptions body = new BodyOptions();

    @Option(
            names = "--dataset",
            defaultValue = "mnist",
            description = "mnist, fashion-mnist or cifar-10 (${DEFAULT-VALUE}).")
    private String dataset = "mnist";

    @Mixin
    private final DataOption data = new DataOption();

    @Option(names = "--split", defaultValue = "train", description = "train or test (${DEFAULT-VALUE}).")
    private String split = "train";

    @Option(names = "--images", paramLabel = "N", description = "Only the first N images (default: all).")
    private @Nullable Integer count;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "8",
            description = "Images at a time; few are fastest, as their maps stay in the cache (${DEFAULT-VALUE}).")
    private int batch = 8;

    @Option(names = "--out", paramLabel = "FILE.csv", required = true, description = "File to write.")
    private Path out = Path.of("");

    @Override
    void run(RunRecord run) throws IOException {
        DataRepository repository = data.open();
        Dataset images = images(repository);
        BodyOptions.Body chosen = body.load(images.shape(), repository);
        run.put("network", chosen.name())
                .put("weightsSha256", sha256(chosen.file()))
                .put("layer", chosen.network().layer())
                .put("parameters", chosen.network().graph().numParams())
                .put("inputShape", chosen.input().toString())
                .put("dataset", images.name())
                .put("split", split)
                .put("images", images.size())
                .put("batch", batch);
        FeatureExtractor extractor = new FeatureExtractor(
                chosen.network(), chosen.input(), chosen.normalisation(), chosen.reversed(), chosen.averageMaps());
        Range range = new Range();
        long start = System.nanoTime();
        long bytes;
        try (FeatureCsvWriter writer = FeatureCsvWriter.create(out);
                Progress bar = Progress.start("features", images.size())) {
            extractor.extract(
                    images,
                    batch,
                    (label, features) -> {
                        range.add(features);
                        writer.append(label, features);
                    },
                    bar::done);
            bytes = writer.commit();
        }
        report(run, chosen, images, range, bytes, (System.nanoTime() - start) * 1e-9);
    }

    private Dataset images(DataRepository repository) throws IOException {
        Dataset all = switch (split) {
            case "train" -> repository.train(dataset);
            case "test" -> repository.test(dataset);
            default -> throw new UsageException("split=" + split + ": must be train or test");
        };
        if (count == null) {
            return all;
        }
        if (count < 1 || count > all.size()) {
            throw new UsageException("images=" + count + ": must be 1 to " + all.size() + ", the images of " + dataset
                    + "'s " + split + " set");
        }
        return all.first(count);
    }

    private void report(
            RunRecord run, BodyOptions.Body chosen, Dataset images, Range range, long bytes, double seconds) {
        double rate = images.size() / seconds;
        run.put("features", range.features())
                .put("constantFeatures", range.constant())
                .put("secondsExtract", seconds)
                .put("imagesPerSecond", rate)
                .put("bytesOut", bytes);
        out().println("wrote " + out + ": " + images.size() + " rows of " + range.features() + " features (layer "
                + chosen.network().layer() + " of " + chosen.name() + "), " + Units.bytes(bytes) + ", in "
                + Units.seconds(seconds) + " (" + Units.number(rate) + " images/s)");
        if (range.constant() > 0 && images.size() > 1) {
            out().println("note: " + range.constant() + " of the features have the same value in every row");
        }
        out().flush();
    }

    private static String sha256(Path file) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Smallest and largest value of each feature so far. */
    private static final class Range {
        private float[] least = {};
        private float[] most = {};

        void add(float[] features) {
            if (least.length == 0) {
                least = features.clone();
                most = features.clone();
            }
            for (int f = 0; f < features.length; f++) {
                least[f] = Math.min(least[f], features[f]);
                most[f] = Math.max(most[f], features[f]);
            }
        }

        int features() {
            return least.length;
        }

        int constant() {
            int same = 0;
            for (int f = 0; f < least.length; f++) {
                same += least[f] == most[f] ? 1 : 0;
            }
            return same;
        }
    }
}
