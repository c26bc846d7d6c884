package org.veil4j.experiments.train;

import org.veil4j.dp.accounting.PrivacyGuarantee;
import org.veil4j.dp.audit.MembershipInference;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.dp.train.DpComputationGraph;
import org.veil4j.dp.train.DpMultiLayerNetwork;
import org.veil4j.dp.train.PrivateNetwork;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.zoo.DpRecipe;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.TrainingRecipe;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooNetwork;
import org.veil4j.zoo.ZooPreset;

/**
 * How much better than by chance a network's losses tell the images that it was trained on from others (Yeom et al. 2018):
 * the same network, trained on the same images plainly and privately, in the literature's plain way, which overfits a small
 * set. The area under the curve is an average over images; it can be near one half although a few images are betrayed.
 *
 * @param images trained on; as many others are held against them
 * @param plain what the plainly trained network betrays
 * @param guarded what the privately trained network betrays
 * @param guarantee of the private training
 */
public record MembershipAttack(int images, Outcome plain, Outcome guarded, PrivacyGuarantee guarantee) {
    private static final double CLIP_NORM = 1;

    /**
     * What was found about one network.
     *
     * @param auc area under the ROC curve of a threshold on the loss; 0.5: nothing betrayed
     * @param accuracyMembers fraction right of the images trained on
     * @param accuracyOthers fraction right of the others
     */
    public record Outcome(double auc, double accuracyMembers, double accuracyOthers) {}

    /**
     * Trains twice and attacks both networks.
     *
     * @param preset the network
     * @param variant of it, one that may be trained privately
     * @param data where images are taken from, more than twice as many
     * @param images to train on, at least 1
     * @param epochs of each training, at least 1
     * @param epsilon of the private training, at delta 1e-5
     * @param seed of the choice of images
     * @return both outcomes
     * @throws IllegalArgumentException when there are too few images, or the budget cannot be met
     */
    public static MembershipAttack run(
            ZooPreset preset, Variant variant, Dataset data, int images, int epochs, double epsilon, long seed) {
        int most = (data.size() - 1) / 2;
        if (images < 1 || images > most) {
            throw new IllegalArgumentException("images=" + images + ": must be in 1.." + most
                    + ", as many others are needed of the " + data.size());
        }
        Dataset both = Trainer.Split.of(data, 2 * images, seed).validation();
        Trainer.Split split = Trainer.Split.of(both, images, seed);
        InputNormalisation normalisation =
                PrivateTrainingRun.normalisation(data.shape().channels());
        TrainingRecipe recipe = TrainingRecipe.plain(epochs);

        int perEpoch = Trainer.iterationsPerEpoch(images, recipe.batch());
        ZooNetwork plain =
                preset.configuration(variant, data.shape(), recipe, perEpoch).network();
        new Trainer(plain, recipe, normalisation, split, TrainingListener.NONE).run();

        DpRecipe privateRecipe = new DpRecipe(recipe, DpRecipe.Optimizer.ADAM, CLIP_NORM, 0);
        DpPlan plan = privateRecipe.plan(images, 1e-5).targetEpsilon(epsilon).build();
        ZooNetwork guarded = preset.configuration(variant, data.shape(), recipe, privateRecipe.updater(plan))
                .network(DpMultiLayerNetwork::new, DpComputationGraph::new);
        new PrivateTrainer(guarded, plan, privateRecipe, normalisation, split, TrainingListener.NONE).run();
        return new MembershipAttack(
                images,
                attack(plain, split, normalisation),
                attack(guarded, split, normalisation),
                ((PrivateNetwork) guarded.model()).guarantee());
    }

    private static Outcome attack(ZooNetwork network, Trainer.Split split, InputNormalisation normalisation) {
        double auc = MembershipInference.auc(
                scores(network, split.train(), normalisation), scores(network, split.validation(), normalisation));
        return new Outcome(
                auc,
                ClearEvaluation.of(network, split.train(), normalisation).accuracy(),
                ClearEvaluation.of(network, split.validation(), normalisation).accuracy());
    }

    /** Members have small losses. */
    private static double[] scores(ZooNetwork network, Dataset data, InputNormalisation normalisation) {
        double[] scores = ClearEvaluation.losses(network, data, normalisation);
        for (int i = 0; i < scores.length; i++) {
            scores[i] = -scores[i];
        }
        return scores;
    }
}
