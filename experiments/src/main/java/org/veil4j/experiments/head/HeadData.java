package org.veil4j.experiments.head;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.mlr.clear.FeatureCsv;
import org.veil4j.he.mlr.clear.LabelledFeatures;

/**
 * Rows to train and rows to test on.
 *
 * @param train rows to train on
 * @param test rows of the same width and classes, none of them trained on; null if there are none
 */
public record HeadData(LabelledFeatures train, @Nullable LabelledFeatures test) {
    /** In the place of a number of test rows: none at all. */
    public static final int NO_TEST = -1;

    /**
     * Reads rows, in file order: the first ones train; the next ones, or those of another file, test.
     *
     * @param features file to train on
     * @param trainRows how many; 0 for all
     * @param testFeatures file to test on; null for what is left of the first
     * @param testRows how many; 0 for all, {@link #NO_TEST} for none
     * @param classes number of classes; 0 to take the largest label of either file plus one
     * @throws IllegalArgumentException if a file is wrong, has too few rows, or the two do not match
     */
    public static HeadData read(Path features, int trainRows, @Nullable Path testFeatures, int testRows, int classes)
            throws IOException {
        LabelledFeatures all = FeatureCsv.read(features, classes);
        int train = count("train", trainRows, all.size(), features);
        if (testFeatures == null) {
            int left = all.size() - train;
            int test = testRows == NO_TEST || left == 0 && testRows == 0 ? 0 : count("test", testRows, left, features);
            return new HeadData(all.slice(0, train), test == 0 ? null : all.slice(train, train + test));
        }
        LabelledFeatures other = FeatureCsv.read(testFeatures, classes);
        if (other.features() != all.features()) {
            throw new IllegalArgumentException("test-features=" + testFeatures + ": has " + other.features()
                    + " features, must have " + all.features() + " as " + features + "; make both with the same body");
        }
        int most = Math.max(all.classes(), other.classes());
        int test = count("test", testRows, other.size(), testFeatures);
        return new HeadData(
                all.slice(0, train).withClasses(most), other.slice(0, test).withClasses(most));
    }

    private static int count(String option, int wanted, int there, Path file) {
        if (wanted < 0 || wanted > there || there == 0) {
            throw new IllegalArgumentException(option + "=" + wanted + ": must be 1 to " + there
                    + ", the rows that are there for it in " + file + ", or left out for all of them");
        }
        return wanted == 0 ? there : wanted;
    }

    /** The rows that accuracy is measured on: the test rows, or the training rows if there are none. */
    public LabelledFeatures measured() {
        return test == null ? train : test;
    }
}
