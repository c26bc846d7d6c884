package org.veil4j.he.mlr.clear;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;

/** Data for tests. */
public final class Samples {
    private Samples() {}

    /** Rows around a random centre of their class, all features positive as those of a network; every class is there. */
    public static LabelledFeatures clusters(int rows, int features, int classes, long seed) {
        Random random = new Random(seed);
        double[][] centres = new double[classes][features];
        for (double[] centre : centres) {
            for (int k = 0; k < features; k++) {
                centre[k] = random.nextDouble();
            }
        }
        double[][] x = new double[rows][features];
        int[] labels = new int[rows];
        for (int r = 0; r < rows; r++) {
            labels[r] = r < classes ? r : random.nextInt(classes);
            for (int k = 0; k < features; k++) {
                x[r][k] = Math.abs(centres[labels[r]][k] + 0.4 * random.nextGaussian());
            }
        }
        return LabelledFeatures.of(x, labels, classes);
    }

    /** The paper's 512 rows; skips the test where the data folder is not there. */
    public static LabelledFeatures regNet() throws IOException {
        String data = System.getenv("VEIL4J_DATA");
        Assumptions.assumeTrue(data != null, "set VEIL4J_DATA to the folder with the paper's features");
        return FeatureCsv.read(Path.of(data, "regnet-features", "REGNET_X_400MF_MNIST_TRAININGfirst512.csv"), 10);
    }
}
