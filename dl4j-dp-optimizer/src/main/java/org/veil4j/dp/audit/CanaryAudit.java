package org.veil4j.dp.audit;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.dp.mechanism.DpPlanBuilder;
import org.veil4j.dp.mechanism.RandomStream;
import org.veil4j.dp.train.DpMultiLayerNetwork;
import org.veil4j.dp.train.DpSgd;
import org.veil4j.dp.train.PoissonSampler;

/**
 * Audits private training with canaries, in one run ({@link OneRunAudit}). The network is a softmax regression. Each canary has
 * a feature of its own that no other example has, so that its gradients point where nothing but noise hides them: about the
 * strongest canary there is for an attacker who sees the final parameters. A fair coin decides whether a canary is trained on;
 * after training, the half with the most extreme losses is guessed: small loss, was in.
 *
 * <p>A result that {@linkplain AuditResult#holds holds} proves nothing; one that does not shows a fault (or one chance in
 * twenty). That the attack finds faults is shown by breaking the training on purpose ({@link Fault}).
 */
public final class CanaryAudit {
    private static final double CONFIDENCE = 0.95;
    private static final double DELTA = 1e-5;
    private static final double STRENGTH = 20;
    private static final double LEARNING_RATE = 0.5;
    private static final int CLASSES = 2;
    private static final int COMMON_FEATURES = 20;
    private static final int EXPECTED_BATCH = 200;
    private static final int EPOCHS = 10;

    private final int examples;
    private final int canaries;
    private final double epsilon;
    private final @Nullable Long testSeed;

    /**
     * Sizes of an audit.
     *
     * @param examples ordinary ones, at least 200
     * @param canaries coins to toss, at least 20; an epsilon of up to about ln(canaries / 6) can be found
     * @param epsilon that the training promises, at delta 1e-5
     * @param testSeed null for fresh randomness
     * @throws IllegalArgumentException when one is out of range
     */
    public CanaryAudit(int examples, int canaries, double epsilon, @Nullable Long testSeed) {
        if (examples < EXPECTED_BATCH) {
            throw new IllegalArgumentException("examples=" + examples + ": must be at least " + EXPECTED_BATCH);
        }
        if (canaries < 20) {
            throw new IllegalArgumentException("canaries=" + canaries + ": must be at least 20 to tell anything");
        }
        this.examples = examples;
        this.canaries = canaries;
        this.epsilon = epsilon;
        this.testSeed = testSeed;
    }

    /**
     * Trains once and attacks.
     *
     * @param fault what to break
     * @return what was found; cost: 10 epochs of a softmax regression with 20 + canaries features
     */
    public AuditResult run(Fault fault) {
        return run(fault, OutputLayer.Builder::build);
    }

    /** As {@link #run(Fault)}, with a layer that may be broken in a way that no plan can. */
    AuditResult run(Fault fault, Function<OutputLayer.Builder, OutputLayer> layer) {
        RandomStream random =
                testSeed == null ? RandomStream.secure() : RandomStream.seededForTesting(testSeed, "audit");
        boolean[] in = new boolean[canaries];
        int members = 0;
        for (int i = 0; i < canaries; i++) {
            in[i] = random.nextLong() < 0;
            members += in[i] ? 1 : 0;
        }
        int rows = examples + members;
        int columns = COMMON_FEATURES + canaries;
        INDArray x = Nd4j.zeros(DataType.FLOAT, rows, columns);
        INDArray y = Nd4j.zeros(DataType.FLOAT, rows, CLASSES);
        for (int r = 0; r < examples; r++) {
            int label = r % CLASSES;
            for (int c = 0; c < COMMON_FEATURES; c++) {
                double uniform = (random.nextLong() >> 11) * 0x1p-52;
                x.putScalar(r, c, uniform + (c % CLASSES == label ? 0.5 : 0));
            }
            y.putScalar(r, label, 1);
        }
        int row = examples;
        for (int i = 0; i < canaries; i++) {
            if (in[i]) {
                x.putScalar(row, COMMON_FEATURES + i, STRENGTH);
                y.putScalar(row++, i % CLASSES, 1);
            }
        }
        DpPlan stated = plan(rows).targetEpsilon(epsilon).clipNorm(1).build();
        double[] scores = scores(train(followed(stated, fault, rows), layer, x, y), columns);
        return attack(stated, in, scores);
    }

    private DpPlanBuilder plan(int rows) {
        DpPlanBuilder plan = DpPlan.builder()
                .examples(rows)
                .expectedBatch(EXPECTED_BATCH)
                .epochs(EPOCHS)
                .delta(DELTA);
        return testSeed == null ? plan : plan.seededForTesting(testSeed);
    }

    /** The plan that the training really follows. */
    private DpPlan followed(DpPlan stated, Fault fault, int rows) {
        return switch (fault) {
            case NONE -> stated;
            case NOISE ->
                plan(rows)
                        .clipNorm(1)
                        .noiseMultiplier(stated.noiseMultiplier() / 100)
                        .build();
            case CLIPPING ->
                plan(rows)
                        .clipNorm(100)
                        .noiseMultiplier(stated.noiseMultiplier() / 100)
                        .build();
        };
    }

    private static DpMultiLayerNetwork train(
            DpPlan plan, Function<OutputLayer.Builder, OutputLayer> layer, INDArray x, INDArray y) {
        MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder()
                .seed(1)
                .weightInit(WeightInit.ZERO)
                .updater(new DpSgd(LEARNING_RATE, 0, plan))
                .list()
                .layer(layer.apply(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nIn(x.size(1))
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)))
                .build();
        DpMultiLayerNetwork network = new DpMultiLayerNetwork(configuration);
        network.init();
        network.fit(PoissonSampler.of(x, y, plan), EPOCHS);
        return network;
    }

    /** Minus the loss of each canary, by the margin of its logits, which does not saturate. */
    private double[] scores(DpMultiLayerNetwork network, int columns) {
        INDArray weights = network.getParam("0_W");
        double[] scores = new double[canaries];
        for (int i = 0; i < canaries; i++) {
            int column = columns - canaries + i;
            int label = i % CLASSES;
            scores[i] = weights.getDouble(column, label) - weights.getDouble(column, 1 - label);
        }
        return scores;
    }

    private static AuditResult attack(DpPlan stated, boolean[] in, double[] scores) {
        int m = in.length;
        Integer[] order = new Integer[m];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> scores[i]));
        int each = m / 4;
        int right = 0;
        for (int k = 0; k < each; k++) {
            right += in[order[k]] ? 0 : 1;
            right += in[order[m - 1 - k]] ? 1 : 0;
        }
        double auc = MembershipInference.auc(chosen(in, scores, true), chosen(in, scores, false));
        return new AuditResult(stated.guarantee(), new OneRunAudit(m, 2 * each, right), CONFIDENCE, auc);
    }

    private static double[] chosen(boolean[] in, double[] scores, boolean member) {
        double[] chosen = new double[scores.length];
        int count = 0;
        for (int i = 0; i < scores.length; i++) {
            if (in[i] == member) {
                chosen[count++] = scores[i];
            }
        }
        return Arrays.copyOf(chosen, count);
    }
}
