package org.veil4j.he.mlr;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.encoding.FeatureScaling;

/**
 * A feature that is much smaller than most on the training rows. The quadratic gradient makes up for that in the diagonal
 * encoding, so it counts as much as others do; but a weight in the head is what was trained times the same factor, and so is its
 * noise. Accuracy does not suffer; how finely the head may be published does, see
 * {@link MlrClient#decrypt(EncryptedHead, int)}. It says something about the data: for its owner.
 *
 * @param number of the feature, 1 for the first
 * @param noise of its weights in a head, in units of that of the middle feature's
 */
public record SmallFeature(int number, double noise) {
    /** Less is usual: features of networks have 7 to 14 as they come (94 with one that hardly ever fires), at most 4 standardised. */
    private static final double LEAST = 64;

    /**
     * The smallest feature, if its weights are so much noisier than most that it is worth a word.
     *
     * @param train the rows that the plan was made for
     * @return null if no feature stands out
     */
    public static @Nullable SmallFeature of(MlrPlan plan, LabelledFeatures train) {
        FeatureScaling scaling = TrainingRows.scaling(plan, train);
        double[] factors = new double[train.features()];
        int largest = 0;
        for (int k = 0; k < factors.length; k++) {
            factors[k] = scaling.factor(k + 1);
            largest = factors[k] > factors[largest] ? k : largest;
        }
        double[] used = Arrays.stream(factors).filter(f -> f > 0).sorted().toArray();
        double noise = used.length == 0 ? 0 : factors[largest] / used[used.length / 2];
        return noise < LEAST ? null : new SmallFeature(largest + 1, noise);
    }
}
