package org.veil4j.experiments.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import org.veil4j.experiments.data.DataRepository;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.train.EpochResult;
import org.veil4j.experiments.train.Trainer;
import org.veil4j.experiments.train.TrainingListener;
import org.veil4j.experiments.train.TrainingRun;
import org.veil4j.zoo.ModelCard;
import org.veil4j.zoo.PretrainedWeights;
import org.veil4j.zoo.TrainingRecipe;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooPreset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veil4j train}: trains a zoo network and saves it as an ordinary Deeplearning4j zip. */
@Command(name = "train", description = "Trains a network of the zoo and saves it as a Deeplearning4j zip file.")
final class TrainCommand extends Verb {
    @Option(
            names = "--preset",
            defaultValue = "cryptonet",
            description = "cryptonet, cryptonet-l, tiny-resnet or wide-resnet (${DEFAULT-VALUE})")
    private String preset = "cryptonet";

    @Option(
            names = "--variant",
            defaultValue = "he-aligned",
            description = "he-aligned (polynomials, average pooling) or dp-optimised (ReLU) (${DEFAULT-VALUE})")
    private String variant = "he-aligned";

    @Option(
            names = "--dataset",
            defaultValue = "fashion-mnist",
            description = "fashion-mnist, mnist or cifar-10 (${DEFAULT-VALUE})")
    private String dataset = "fashion-mnist";

    @Mixin
    private DataOption data = new DataOption();

    @Option(names = "--epochs", defaultValue = "30", description = "passes over the training set (${DEFAULT-VALUE})")
    private int epochs = 30;

    @Option(names = "--batch", defaultValue = "128", description = "examples in a mini-batch (${DEFAULT-VALUE})")
    private int batch = 128;

    @Option(names = "--learning-rate", defaultValue = "0.003", description = "highest learning rate (${DEFAULT-VALUE})")
    private double learningRate = 3e-3;

    @Option(names = "--constant-rate", description = "keep the learning rate constant: no warm-up, no cosine decay")
    private boolean constantRate;

    @Option(names = "--weight-decay", defaultValue = "0.01", description = "decoupled weight decay (${DEFAULT-VALUE})")
    private double weightDecay = 1e-2;

    @Option(
            names = "--clip",
            defaultValue = "1",
            description = "largest L2 norm of a layer's gradient, 0: off (${DEFAULT-VALUE})")
    private double clip = 1;

    @Option(
            names = "--shift",
            defaultValue = "1",
            description = "move training images by up to this many pixels (${DEFAULT-VALUE})")
    private int shift = 1;

    @Option(names = "--no-flip", description = "do not mirror training images")
    private boolean noFlip;

    @Option(
            names = "--validation",
            defaultValue = "5000",
            description = "training images to hold out (${DEFAULT-VALUE})")
    private int validation = 5000;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "of initialisation, order, augmentation (${DEFAULT-VALUE})")
    private long seed = 1;

    @Option(names = "--out", paramLabel = "FILE.zip", required = true, description = "where to save the network")
    private Path out = Path.of("model.zip");

    @Override
    void run(RunRecord record) throws IOException {
        ZooPreset network = ZooPreset.of(preset);
        Variant shape = Variant.of(variant);
        TrainingRecipe recipe = recipe();
        PretrainedWeights.requireWritable(out);
        DataRepository repository = data.open();
        Dataset train = repository.train(dataset);
        Dataset test = repository.test(dataset);
        long parameters = network.parameters(shape, train.shape().channels());
        out().printf(
                        Locale.ROOT,
                        "%s %s on %s: %,d parameters; %s%n",
                        network,
                        shape,
                        train.name(),
                        parameters,
                        recipe.describe());
        record.put("preset", network.id())
                .put("variant", shape.id())
                .put("dataset", train.name())
                .put("parameters", parameters)
                .put("recipe", recipe.describe())
                .put("seed", seed);
        TrainingRun run;
        try (Bar bar = new Bar(out(), epochs * Trainer.iterationsPerEpoch(train.size() - validation, batch))) {
            run = TrainingRun.execute(network, shape, recipe, train, test, validation, commandLine(), bar);
        }
        ModelCard card = run.card();
        PretrainedWeights.save(out, run.network(), card);
        out().printf(
                        Locale.ROOT,
                        "validation accuracy %.2f %%, test accuracy %.2f %% (%,d images); saved to %s%n",
                        100 * card.validationAccuracy(),
                        100 * card.testAccuracy(),
                        card.testImages(),
                        out);
        record.put("epochs", run.epochs())
                .put("validationAccuracy", card.validationAccuracy())
                .put("testAccuracy", card.testAccuracy())
                .put("testImages", card.testImages())
                .put("command", card.command());
    }

    private TrainingRecipe recipe() {
        return new TrainingRecipe(
                batch,
                epochs,
                learningRate,
                !constantRate,
                constantRate ? 0 : Math.min(1, epochs / 2.0),
                weightDecay,
                clip,
                shift,
                !noFlip,
                seed);
    }

    /** The command that makes this network again, without the paths of this machine. */
    private String commandLine() {
        StringBuilder line = new StringBuilder("veil4j train --preset " + preset + " --variant " + variant
                + " --dataset " + dataset + " --epochs " + epochs + " --batch " + batch + " --learning-rate "
                + learningRate + " --weight-decay " + weightDecay + " --clip " + clip + " --shift " + shift);
        if (constantRate) {
            line.append(" --constant-rate");
        }
        if (noFlip) {
            line.append(" --no-flip");
        }
        return line.append(" --validation " + validation + " --seed " + seed + " --out FILE.zip")
                .toString();
    }

    /** A bar on the error stream and a line an epoch on the output. */
    private static final class Bar implements TrainingListener, AutoCloseable {
        private final PrintWriter out;
        private final Progress progress;

        Bar(PrintWriter out, int iterations) {
            this.out = out;
            this.progress = Progress.start("training", iterations);
        }

        @Override
        public void iterationDone(int iteration, int total, double loss) {
            progress.done(iteration);
        }

        @Override
        public void epochDone(EpochResult r) {
            out.printf(
                    Locale.ROOT,
                    "epoch %3d  loss %.4f  validation loss %.4f  accuracy %.2f %%  %.1f s%n",
                    r.epoch(),
                    r.loss(),
                    r.validationLoss(),
                    100 * r.validationAccuracy(),
                    r.seconds());
            out.flush();
        }

        @Override
        public void close() {
            progress.close();
        }
    }
}
