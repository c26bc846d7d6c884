package org.veil4j.experiments.evaluate;

import java.util.Locale;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Table;
import org.veil4j.experiments.report.Units;

/**
 * What an evaluation in the packed layout says in addition. Fields are named as in the JSON record.
 *
 * @param imagesPerCiphertext images that one inference classifies
 * @param secondsFirstImage the first inference, after the warm-up
 * @param secondsPerImage median of the inferences after the first (the first itself if it is the only one), by images of one
 * @param dl4jSecondsPerImage Deeplearning4j's call for one image, the median
 * @param estimatedSecondsPerImage what the compiler predicted
 * @param rotations of one inference
 * @param products of ciphertexts and diagonals in one inference
 * @param keysBytes evaluation keys in the server's memory
 * @param plaintextForm how the server keeps diagonals: "residues" or "coefficients"
 * @param ringDegree N
 * @param memoryBudgetBytes what the server was to keep to, 0 for no limit
 */
public record PackedFigures(
        int imagesPerCiphertext,
        double secondsFirstImage,
        double secondsPerImage,
        double dl4jSecondsPerImage,
        double estimatedSecondsPerImage,
        long rotations,
        long products,
        long keysBytes,
        String plaintextForm,
        int ringDegree,
        long memoryBudgetBytes) {

    /** How many times longer an image takes encrypted than in Deeplearning4j, one at a time. */
    public double slowdownOne() {
        return secondsPerImage / dl4jSecondsPerImage;
    }

    void putInto(RunRecord run) {
        run.put("imagesPerCiphertext", imagesPerCiphertext)
                .put("secondsPerImage", secondsPerImage)
                .put("secondsFirstImage", secondsFirstImage)
                .put("dl4jSecondsPerImage", dl4jSecondsPerImage)
                .put("slowdownOne", slowdownOne())
                .put("estimatedSecondsPerImage", estimatedSecondsPerImage)
                .put("rotations", rotations)
                .put("products", products)
                .put("keysBytes", keysBytes)
                .put("plaintextForm", plaintextForm)
                .put("ringDegree", ringDegree)
                .put("memoryBudgetBytes", memoryBudgetBytes);
    }

    void rows(Table table) {
        table.row("first image", Units.seconds(secondsFirstImage))
                .row("an image, median", Units.seconds(secondsPerImage))
                .row("an image as estimated", Units.seconds(estimatedSecondsPerImage))
                .row("an image, Deeplearning4j", String.format(Locale.ROOT, "%.2g s", dl4jSecondsPerImage))
                .row("slowdown of one image", Units.number(slowdownOne()) + " x")
                .row("images a ciphertext", Integer.toString(imagesPerCiphertext))
                .row("rotations", String.format(Locale.ROOT, "%,d", rotations))
                .row("products", String.format(Locale.ROOT, "%,d", products))
                .row("plaintexts", plaintextForm)
                .row("memory budget", memoryBudgetBytes == 0 ? "none" : Units.bytes(memoryBudgetBytes))
                .row("evaluation keys in memory", Units.bytes(keysBytes))
                .line();
    }
}
