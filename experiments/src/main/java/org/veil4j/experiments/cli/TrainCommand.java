package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.experiments.data.DataRepository;
import org.veil4j.experiments.report.Machine;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.train.EpochResult;
import org.veil4j.experiments.train.MeasuredRanges;
import org.veil4j.experiments.train.PrivateTrainingRun;
import org.veil4j.experiments.train.StepCost;
import org.veil4j.experiments.train.Trainer;
import org.veil4j.experiments.train.TrainingJob;
import org.veil4j.experiments.train.TrainingRun;
import org.veil4j.layers.fit.ActivationRange;
import org.veil4j.zoo.DpRecipe;
import org.veil4j.zoo.ModelCard;
import org.veil4j.zoo.PretrainedWeights;
import org.veil4j.zoo.TrainingRecipe;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooNetwork;
import org.veil4j.zoo.ZooPreset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veil4j train}: trains a zoo network and saves it as an ordinary Deeplearning4j zip. */
@Command(
        name = "train",
        description = "Trains a network of the zoo, with differential privacy if asked to, and saves it as a"
                + " Deeplearning4j zip file.")
final class TrainCommand extends Verb {
    private static final int VALIDATION = 5000;
    private static final int EPOCHS = 30;
    private static final int COST_ROUNDS = 20;

    @Option(
            names = "--preset",
            defaultValue = "cryptonet",
            description = "cryptonet, cryptonet-l, tiny-resnet or wide-resnet (${DEFAULT-VALUE})")
    private String preset = "cryptonet";

    @Option(
            names = "--variant",
            defaultValue = "he-aligned",
            description =
                    "he-aligned (polynomials, average pooling), he-aligned-dp (the same without batch normalisation),"
                            + " dp-optimised (ReLU) or relu-control (${DEFAULT-VALUE})")
    private String variant = "he-aligned";

    @Option(
            names = "--dataset",
            defaultValue = "fashion-mnist",
            description = "fashion-mnist, mnist or cifar-10 (${DEFAULT-VALUE})")
    private String dataset = "fashion-mnist";

    @Mixin
    private DataOption data = new DataOption();

    @Mixin
    private RecipeOptions recipeOptions = new RecipeOptions();

    @Mixin
    private PrivacyOptions privacy = new PrivacyOptions();

    @Option(names = "--validation", description = "training images to hold out (5000; with --dp 0)")
    private @Nullable Integer validation;

    @Option(names = "--out", paramLabel = "FILE.zip", required = true, description = "where to save the network")
    private Path out = Path.of("model.zip");

    @Override
    void run(RunRecord record) throws IOException {
        boolean dp = privacy.enabled();
        ZooPreset network = ZooPreset.of(preset);
        Variant wanted = Variant.of(variant);
        Variant shape = dp ? network.privately(wanted) : wanted;
        DpRecipe standard = DpRecipe.standard(network);
        TrainingRecipe recipe = recipeOptions.over(dp ? standard.training() : network.recipe(EPOCHS));
        DpRecipe privateRecipe = dp ? privacy.over(standard.with(recipe)) : null;
        PretrainedWeights.requireWritable(out);
        DataRepository repository = data.open();
        TrainingJob job = new TrainingJob(
                network,
                shape,
                repository.train(dataset),
                repository.test(dataset),
                validation != null ? validation : dp ? 0 : VALIDATION);
        describe(job, privateRecipe == null ? recipe.describe() : privateRecipe.describe(), record);
        record.put("seed", recipe.seed());
        if (privateRecipe == null) {
            trainPlainly(job, recipe, record);
        } else {
            trainPrivately(job, privateRecipe, record);
        }
    }

    private void describe(TrainingJob job, String recipe, RunRecord record) {
        long parameters =
                job.preset().parameters(job.variant(), job.train().shape().channels());
        out().printf(
                        Locale.ROOT,
                        "%s %s on %s: %,d parameters; %s%n",
                        job.preset(),
                        job.variant(),
                        job.train().name(),
                        parameters,
                        recipe);
        record.put("preset", job.preset().id())
                .put("variant", job.variant().id())
                .put("dataset", job.train().name())
                .put("parameters", parameters)
                .put("recipe", recipe);
    }

    private void trainPlainly(TrainingJob job, TrainingRecipe recipe, RunRecord record) throws IOException {
        int iterations = recipe.epochs() * Trainer.iterationsPerEpoch(job.trainingImages(), recipe.batch());
        TrainingRun run;
        try (TrainingBar bar = new TrainingBar(out(), iterations, null)) {
            run = TrainingRun.execute(job, recipe, commandLine(job, RecipeOptions.options(recipe)), bar);
        }
        finish(job, run.network(), run.card(), run.epochs(), record);
        List<ActivationRange> seen =
                MeasuredRanges.of(run.network(), job.train(), run.card().normalisation());
        out().printf(Locale.ROOT, "largest input of an activation on all training images %.1f%n", largest(seen));
        record.put("activationRangesTrain", seen);
    }

    private static double largest(List<ActivationRange> ranges) {
        return ranges.stream().mapToDouble(ActivationRange::largest).max().orElse(0);
    }

    private void trainPrivately(TrainingJob job, DpRecipe recipe, RunRecord record) throws IOException {
        DpPlan plan = privacy.plan(recipe, job.trainingImages());
        out().print(plan.guarantee().statement());
        if (privacy.comparePlain()) {
            StepCost cost = StepCost.measure(job.preset(), job.variant(), job.train(), COST_ROUNDS);
            out().printf(
                            Locale.ROOT,
                            "a private step on %d images takes %.1f ms, an ordinary one %.1f ms: %.2f times;"
                                    + " one image after another %.1f ms%n",
                            cost.batch(),
                            1e3 * cost.privateSeconds(),
                            1e3 * cost.plainSeconds(),
                            cost.ratio(),
                            1e3 * cost.loopSeconds());
            record.put("plainSecondsPerEpoch", cost.plainSecondsPerEpoch(job.trainingImages()))
                    .put("batchOfOneSecondsPerEpoch", cost.loopSecondsPerEpoch(job.trainingImages()))
                    .put("privateStepSeconds", cost.privateSeconds())
                    .put("plainStepSeconds", cost.plainSeconds())
                    .put("privateStepRatio", cost.ratio());
        }
        String options = RecipeOptions.options(recipe.training()) + PrivacyOptions.options(recipe, plan);
        PrivateTrainingRun run;
        try (TrainingBar bar = new TrainingBar(out(), plan.plannedSteps(), plan)) {
            run = PrivateTrainingRun.execute(job, recipe, plan, commandLine(job, options), bar);
        }
        out().printf(Locale.ROOT, "spent: %s%n", run.guarantee());
        record.put("dp", PrivacyOptions.record(plan, run.guarantee()))
                .put("accuracyTrain", run.accuracyTrain())
                .put("accuracyTrainNote", "not private: measured on training images")
                .put("epochsNote", "losses are not private: measured on training images");
        finish(job, run.network(), run.card(), run.epochs(), record);
    }

    private void finish(TrainingJob job, ZooNetwork network, ModelCard card, List<EpochResult> epochs, RunRecord record)
            throws IOException {
        List<ActivationRange> ranges = MeasuredRanges.of(network, job.test(), card.normalisation());
        PretrainedWeights.save(out, network, card.withActivationRanges(ranges));
        String validated = Double.isNaN(card.validationAccuracy())
                ? ""
                : String.format(Locale.ROOT, "validation accuracy %.2f %%, ", 100 * card.validationAccuracy());
        out().printf(
                        Locale.ROOT,
                        "%stest accuracy %.2f %% (%,d images); largest input of an activation there %.1f; saved to"
                                + " %s%n",
                        validated,
                        100 * card.testAccuracy(),
                        card.testImages(),
                        largest(ranges),
                        out);
        record.put("epochs", epochs)
                .put(
                        "secondsPerEpoch",
                        epochs.stream()
                                .mapToDouble(EpochResult::seconds)
                                .average()
                                .orElse(0))
                .put("validationAccuracy", card.validationAccuracy())
                .put("accuracyTest", card.testAccuracy())
                .put("testImages", card.testImages())
                .put("activationRanges", ranges)
                .put("peakRssBytes", Machine.peakRssBytes())
                .put("command", card.command());
    }

    /** The command that makes such a network again, without the paths of this machine. */
    private static String commandLine(TrainingJob job, String options) {
        return "veil4j train --preset " + job.preset() + " --variant " + job.variant() + " --dataset "
                + job.train().name() + options + " --validation " + job.heldOut() + " --out FILE.zip";
    }
}
