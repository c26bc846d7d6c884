package org.veil4j.experiments.evaluate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Table;
import org.veil4j.experiments.report.Units;

/**
 * Encrypted inference against inference in the clear. Fields are named as in the JSON record.
 *
 * @param preset zoo preset or file name of the network
 * @param dataset name of the data set
 * @param images how many were classified
 * @param layout how tensors lie in ciphertexts
 * @param weights "plain": the server has the weights in the clear; "encrypted": it has them encrypted
 * @param accuracyPlain fraction right of Deeplearning4j's own output
 * @param accuracyEncrypted fraction right of the decrypted output
 * @param agreement fraction of images with the same predicted class
 * @param maxLogitError largest difference between decrypted logits and those that Deeplearning4j computes in double precision
 * @param precisionBits -log2 of the largest error
 * @param seconds phase to seconds, in order: compile, keygen, encrypt, infer, decrypt
 * @param plainImagesPerSecond Deeplearning4j in the same run, batch 128
 * @param peakRssBytes null where the operating system does not tell
 * @param estimatedPeakBytes what the compiler predicted
 * @param logN log2 of the ring degree
 * @param logQP bits of the largest modulus
 * @param securityBits 128, 192, 256, or 0 for insecure test parameters
 * @param levels levels that an inference uses
 * @param estimatedPrecisionBits what the compiler predicted, at least
 * @param headroomBits log2 of what the modulus holds over the largest value, where that is least, on sample images
 * @param bytesEvaluationKeys size of the evaluation keys as sent
 * @param bytesUp size of all encrypted inputs as sent
 * @param bytesDown size of all encrypted outputs as sent
 * @param operations what one batch takes
 * @param notes remarks of importer and compiler
 * @param kernels what computes on residues
 * @param estimatedSeconds what the compiler predicted for all inferences
 * @param packed what the packed layout says in addition; null in the batch layout
 */
public record EvaluationReport(
        String preset,
        String dataset,
        int images,
        String layout,
        String weights,
        double accuracyPlain,
        double accuracyEncrypted,
        double agreement,
        double maxLogitError,
        double precisionBits,
        Map<String, Double> seconds,
        double plainImagesPerSecond,
        @Nullable Long peakRssBytes,
        long estimatedPeakBytes,
        int logN,
        double logQP,
        int securityBits,
        int levels,
        double estimatedPrecisionBits,
        double headroomBits,
        long bytesEvaluationKeys,
        long bytesUp,
        long bytesDown,
        Map<String, Long> operations,
        List<String> notes,
        String kernels,
        double estimatedSeconds,
        @Nullable PackedFigures packed) {

    /** Images that the server classifies in a second. */
    public double imagesPerSecond() {
        return images / seconds("infer");
    }

    /** How many times longer encrypted inference takes than Deeplearning4j's own. */
    public double slowdown() {
        return plainImagesPerSecond / imagesPerSecond();
    }

    /** Seconds of a phase. */
    public double seconds(String phase) {
        Double value = seconds.get(phase);
        if (value == null) {
            throw new IllegalArgumentException("phase=" + phase + ": must be one of " + seconds.keySet());
        }
        return value;
    }

    /** Puts every figure into a run's record. */
    public void putInto(RunRecord run) {
        run.put("preset", preset)
                .put("dataset", dataset)
                .put("images", images)
                .put("layout", layout)
                .put("weights", weights)
                .put("accuracyPlain", accuracyPlain)
                .put("accuracyEncrypted", accuracyEncrypted)
                .put("agreement", agreement)
                .put("maxLogitError", maxLogitError)
                .put("precisionBits", precisionBits);
        seconds.forEach((phase, value) ->
                run.put("seconds" + phase.substring(0, 1).toUpperCase(Locale.ROOT) + phase.substring(1), value));
        run.put("imagesPerSecond", imagesPerSecond())
                .put("plainImagesPerSecond", plainImagesPerSecond)
                .put("slowdown", slowdown())
                .put("peakRssBytes", peakRssBytes)
                .put("estimatedPeakBytes", estimatedPeakBytes)
                .put("logN", logN)
                .put("logQP", logQP)
                .put("securityBits", securityBits)
                .put("levels", levels)
                .put("estimatedPrecisionBits", estimatedPrecisionBits)
                .put("headroomBits", headroomBits)
                .put("bytesEvaluationKeys", bytesEvaluationKeys)
                .put("bytesUp", bytesUp)
                .put("bytesDown", bytesDown)
                .put("operations", new LinkedHashMap<>(operations))
                .put("notes", notes)
                .put("kernels", kernels)
                .put("estimatedSeconds", estimatedSeconds);
        if (packed != null) {
            packed.putInto(run);
        }
    }

    /** The table for people. */
    public Table table() {
        Table table = new Table("Encrypted inference: " + preset + " on " + dataset);
        table.row("images", String.format(Locale.ROOT, "%,d", images))
                .row("layout, weights", layout + ", " + weights)
                .line()
                .row("accuracy in the clear", Units.percent(accuracyPlain))
                .row("accuracy encrypted", Units.percent(accuracyEncrypted))
                .row("same class predicted", Units.percent(agreement))
                .row("largest logit error", String.format(Locale.ROOT, "%.3g", maxLogitError))
                .row("precision", Units.bits(precisionBits))
                .row("precision as estimated, at least", Units.bits(estimatedPrecisionBits))
                .row("headroom below the modulus", Units.bits(headroomBits))
                .line();
        seconds.forEach((phase, value) -> table.row(phase, Units.seconds(value)));
        table.row("images per second, encrypted", Units.number(imagesPerSecond()))
                .row("images per second, Deeplearning4j", Units.number(plainImagesPerSecond))
                .row("slowdown", Units.number(slowdown()) + " x")
                .line();
        if (packed != null) {
            packed.rows(table);
        }
        table.row("peak memory of the process", peakRssBytes == null ? "unknown" : Units.bytes(peakRssBytes))
                .row("peak memory as estimated", Units.bytes(estimatedPeakBytes))
                .row("evaluation keys", Units.bytes(bytesEvaluationKeys))
                .row("client to server", Units.bytes(bytesUp))
                .row("server to client", Units.bytes(bytesDown))
                .line()
                .row("ring degree", String.format(Locale.ROOT, "2^%d", logN))
                .row("modulus with special primes", String.format(Locale.ROOT, "%.0f bits", logQP))
                .row("levels", Integer.toString(levels))
                .row("security", securityBits == 0 ? "NONE (test parameters)" : securityBits + " bits")
                .row("kernels", kernels.split(":", 2)[0]);
        return table;
    }
}
