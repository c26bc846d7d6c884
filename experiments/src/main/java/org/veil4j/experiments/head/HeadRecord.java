package org.veil4j.experiments.head;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.report.RunRecord;

/** Experiments as records for programs. */
public final class HeadRecord {
    private HeadRecord() {}

    /**
     * Puts the first experiment's figures, and if there are more, each one's under {@code runs}.
     *
     * @param runs at least one
     */
    public static void put(List<HeadRun> runs, HeadData data, RunRecord record) {
        put(runs.get(0), data, record);
        if (runs.size() > 1) {
            List<Map<String, @Nullable Object>> all = new ArrayList<>();
            for (HeadRun run : runs) {
                RunRecord one = new RunRecord("train-head", List.of());
                put(run, data, one);
                all.add(one.figures());
            }
            record.put("runs", all);
        }
    }

    private static void put(HeadRun run, HeadData data, RunRecord record) {
        PlanFigures.put(run.plan(), record);
        List<@Nullable Double> encrypted = new ArrayList<>();
        List<@Nullable Double> lossEncrypted = new ArrayList<>();
        List<Double> clear = new ArrayList<>();
        List<Double> loss = new ArrayList<>();
        List<Double> seconds = new ArrayList<>();
        for (HeadRun.Iteration iteration : run.iterations()) {
            clear.add(iteration.accuracyClear());
            loss.add(iteration.lossClear());
            encrypted.add(iteration.accuracyEncrypted());
            lossEncrypted.add(iteration.lossEncrypted());
            seconds.add(iteration.seconds());
        }
        record.put("accuracyOn", data.test() == null ? "training rows" : "test rows")
                .put("measuredRows", data.measured().size())
                .put("accuracyClear", clear)
                .put("accuracyEncrypted", encrypted)
                .put("lossClear", loss)
                .put("lossEncrypted", lossEncrypted)
                .put("maxWeightError", run.maxWeightError())
                .put("maxAbsScore", run.clear().maxAbsScore())
                .put("neutralisedFeatures", run.head().preparation().neutralised())
                .put("secondsPerIteration", seconds)
                .put("secondsKeygen", run.seconds().keys())
                .put("secondsEncrypt", run.seconds().encrypt())
                .put("secondsTrain", run.seconds().train())
                .put("secondsDecrypt", run.seconds().decrypt())
                .put("secondsClear", run.seconds().clear())
                .put("secondsTotal", run.seconds().total())
                .put("bytesUploaded", run.traffic().uploaded())
                .put("refreshes", run.traffic().refreshes())
                .put("bytesRefreshes", run.traffic().refreshed())
                .put("peakRssBytes", run.peakRssBytes());
    }
}
