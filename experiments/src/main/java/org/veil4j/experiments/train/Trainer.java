package org.veil4j.experiments.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.TrainingRecipe;
import org.veil4j.zoo.ZooNetwork;

/**
 * Trains a network by a recipe, with a part of the training set held out to measure progress. The test set plays no
 * role here. Repeatable up to rounding for one seed.
 */
public final class Trainer {
    private final ZooNetwork network;
    private final TrainingRecipe recipe;
    private final InputNormalisation normalisation;
    private final Dataset train;
    private final Dataset validation;
    private final TrainingListener listener;

    /**
     * Prepares a training.
     *
     * @param network initialised; it is changed
     * @param recipe how to train
     * @param normalisation of the pixels
     * @param split training and held-out images
     * @param listener told about progress
     */
    public Trainer(
            ZooNetwork network,
            TrainingRecipe recipe,
            InputNormalisation normalisation,
            Split split,
            TrainingListener listener) {
        this.network = network;
        this.recipe = recipe;
        this.normalisation = normalisation;
        this.train = split.train();
        this.validation = split.validation();
        this.listener = listener;
    }

    /**
     * Training images and held-out images.
     *
     * @param train to learn from
     * @param validation to measure on while training
     */
    public record Split(Dataset train, Dataset validation) {
        /**
         * Splits a training set at random.
         *
         * @param all the published training set
         * @param heldOut how many images to hold out
         * @param seed of the choice
         * @return both parts
         */
        public static Split of(Dataset all, int heldOut, long seed) {
            if (heldOut < 1 || heldOut >= all.size()) {
                throw new IllegalArgumentException(
                        "validation=" + heldOut + ": images to hold out, must be in 1.." + (all.size() - 1));
            }
            int[] order = shuffled(all.size(), new SplittableRandom(seed));
            int[] validation = Arrays.copyOf(order, heldOut);
            int[] train = Arrays.copyOfRange(order, heldOut, order.length);
            return new Split(all.select(train), all.select(validation));
        }
    }

    /**
     * Mini-batches in an epoch; the last, incomplete one is left out.
     *
     * @param images in the training part
     * @param batch examples in a mini-batch
     * @return at least 1
     */
    public static int iterationsPerEpoch(int images, int batch) {
        return Math.max(1, images / batch);
    }

    /**
     * Trains for as many epochs as the recipe says.
     *
     * @return the figures of every epoch
     * @throws TrainingDivergedException when the loss is no longer a number
     */
    public List<EpochResult> run() {
        int batch = Math.min(recipe.batch(), train.size());
        int perEpoch = iterationsPerEpoch(train.size(), batch);
        int total = recipe.epochs() * perEpoch;
        SplittableRandom random = new SplittableRandom(recipe.seed());
        Augmentation augmentation = new Augmentation(recipe, train.shape(), normalisation);
        List<EpochResult> results = new ArrayList<>();
        int iteration = 0;
        for (int epoch = 1; epoch <= recipe.epochs(); epoch++) {
            long start = System.nanoTime();
            int[] order = shuffled(train.size(), random);
            double loss = 0;
            for (int b = 0; b < perEpoch; b++) {
                fit(order, b * batch, batch, augmentation, random);
                iteration++;
                double score = network.loss();
                if (!Double.isFinite(score)) {
                    throw new TrainingDivergedException(epoch, iteration, recipe.learningRate());
                }
                loss += score;
                listener.iterationDone(iteration, total, score);
            }
            network.incrementEpochCount();
            double seconds = (System.nanoTime() - start) * 1e-9;
            ClearEvaluation held = ClearEvaluation.of(network, validation, normalisation);
            EpochResult result = new EpochResult(epoch, loss / perEpoch, held.accuracy(), held.loss(), seconds);
            results.add(result);
            listener.epochDone(result);
        }
        return results;
    }

    private void fit(int[] order, int from, int count, Augmentation augmentation, SplittableRandom random) {
        int elements = train.shape().elements();
        int classes = train.classNames().size();
        float[] x = new float[count * elements];
        float[] y = new float[count * classes];
        for (int i = 0; i < count; i++) {
            int index = order[from + i];
            augmentation.apply(train.images()[index], x, i * elements, random);
            y[i * classes + train.labels()[index]] = 1;
        }
        INDArray features = Nd4j.create(
                x,
                new long[] {
                    count,
                    train.shape().channels(),
                    train.shape().height(),
                    train.shape().width()
                },
                'c');
        network.fit(features, Nd4j.create(y, new long[] {count, classes}, 'c'));
    }

    private static int[] shuffled(int n, SplittableRandom random) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
