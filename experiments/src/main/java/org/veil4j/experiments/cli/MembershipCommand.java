package org.veil4j.experiments.cli;

import java.io.IOException;
import java.util.Locale;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Table;
import org.veil4j.experiments.train.MembershipAttack;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooPreset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veil4j membership}: what the losses of a network betray about its training images, without and with privacy. */
@Command(
        name = "membership",
        description = {
            "Trains a network of the zoo twice on a few images, plainly and privately, and tells from its losses which"
                    + " images it was trained on.",
            "An area under the curve of 0.5 is no better than a coin."
        })
final class MembershipCommand extends Verb {
    @Option(
            names = "--preset",
            defaultValue = "cryptonet",
            description = "cryptonet, cryptonet-l, tiny-resnet or wide-resnet (${DEFAULT-VALUE})")
    private String preset = "cryptonet";

    @Option(
            names = "--variant",
            defaultValue = "dp-optimised",
            description = "dp-optimised, he-aligned or he-aligned-dp (${DEFAULT-VALUE})")
    private String variant = "dp-optimised";

    @Option(
            names = "--dataset",
            defaultValue = "fashion-mnist",
            description = "fashion-mnist, mnist or cifar-10 (${DEFAULT-VALUE})")
    private String dataset = "fashion-mnist";

    @Mixin
    private DataOption data = new DataOption();

    @Option(names = "--images", defaultValue = "1000", description = "images to train on (${DEFAULT-VALUE})")
    private int images = 1000;

    @Option(names = "--epochs", defaultValue = "60", description = "passes of each training (${DEFAULT-VALUE})")
    private int epochs = 60;

    @Option(
            names = "--epsilon",
            defaultValue = "8",
            description = "budget of the private training, at delta 1e-5 (${DEFAULT-VALUE})")
    private double epsilon = 8;

    @Option(names = "--seed", defaultValue = "1", description = "of the choice of images (${DEFAULT-VALUE})")
    private long seed = 1;

    @Override
    void run(RunRecord record) throws IOException {
        ZooPreset network = ZooPreset.of(preset);
        Variant shape = network.privately(Variant.of(variant));
        Dataset training = data.open().train(dataset);
        MembershipAttack attack = MembershipAttack.run(network, shape, training, images, epochs, epsilon, seed);
        MembershipAttack.Outcome plain = attack.plain();
        MembershipAttack.Outcome guarded = attack.guarded();
        Table table = new Table(String.format(
                Locale.ROOT, "Membership inference: %s %s, %,d images of %s", network, shape, images, dataset));
        table.row("AUC, trained plainly", number(plain.auc()))
                .row("AUC, trained privately", number(guarded.auc()))
                .row("accuracy on training images, others; plain", accuracies(plain))
                .row("accuracy on training images, others; private", accuracies(guarded))
                .row("guarantee", attack.guarantee().toString());
        out().print(table);
        out().flush();
        record.put("preset", network.id())
                .put("variant", shape.id())
                .put("dataset", dataset)
                .put("images", images)
                .put("epochs", epochs)
                .put("seed", seed)
                .put("epsilon", attack.guarantee().epsilon())
                .put("aucPlain", plain.auc())
                .put("aucPrivate", guarded.auc())
                .put("accuracyTrainPlain", plain.accuracyMembers())
                .put("accuracyOthersPlain", plain.accuracyOthers())
                .put("accuracyTrainPrivate", guarded.accuracyMembers())
                .put("accuracyOthersPrivate", guarded.accuracyOthers());
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static String accuracies(MembershipAttack.Outcome outcome) {
        return String.format(
                Locale.ROOT, "%.1f %%, %.1f %%", 100 * outcome.accuracyMembers(), 100 * outcome.accuracyOthers());
    }
}
