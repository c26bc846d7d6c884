package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;

/** Labelled features in files, for tests. */
final class HeadFiles {
    private HeadFiles() {}

    /** Rows around a random centre of their class; the first rows have every class. */
    static Path clusters(Path file, int rows, int features, int classes, long seed) throws IOException {
        Random random = new Random(seed);
        double[][] centres = new double[classes][features];
        for (double[] centre : centres) {
            for (int k = 0; k < features; k++) {
                centre[k] = random.nextDouble();
            }
        }
        StringBuilder text = new StringBuilder();
        for (int r = 0; r < rows; r++) {
            int label = r < classes ? r : random.nextInt(classes);
            text.append(label).append(".0");
            for (int k = 0; k < features; k++) {
                text.append(
                        String.format(Locale.ROOT, ",%.6f", Math.abs(centres[label][k] + 0.2 * random.nextGaussian())));
            }
            text.append("\r\n");
        }
        return Files.writeString(file, text);
    }
}
