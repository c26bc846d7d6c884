package org.veil4j.experiments.head;

import java.util.Locale;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Table;
import org.veil4j.experiments.report.Units;
import org.veil4j.he.ckks.CkksParameters;
import org.veil4j.he.mlr.MlrPlan;
import org.veil4j.he.mlr.PlanReport;
import org.veil4j.he.ring.Workers;

/** A plan's figures, which are known before there is a key. */
public final class PlanFigures {
    private PlanFigures() {}

    /** Into a record, under the names that records of trained heads have. */
    public static void put(MlrPlan plan, RunRecord run) {
        PlanReport report = plan.report();
        CkksParameters parameters = plan.parameters();
        run.put("encoding", Words.of(plan.encoding()))
                .put("preparation", Words.of(plan.preparation()))
                .put("algorithm", Words.of(plan.settings().algorithm()))
                .put("rows", plan.rows())
                .put("batchRows", plan.settings().batchRows())
                .put("features", plan.features())
                .put("classes", plan.classes())
                .put("iterations", plan.settings().iterations())
                .put("stepBase", plan.settings().steps().base())
                .put("stepDecay", plan.settings().steps().decay())
                .put("startWeight", plan.settings().startWeight())
                .put("ciphertextsUploaded", report.ciphertextsUploaded())
                .put("bytesUploaded", report.bytesUploaded())
                .put("refreshes", report.refreshes())
                .put("refreshPoints", plan.refreshPoints())
                .put("bytesRefreshes", report.refreshBytes())
                .put("logN", parameters.rlwe().logN())
                .put("logQP", parameters.rlwe().logQP())
                .put("securityBits", parameters.rlwe().securityBits())
                .put("levels", parameters.maxLevel())
                .put("levelsPerIteration", report.levelsPerIteration())
                .put("rotationsPerIteration", report.rotationsPerIteration())
                .put("evaluationKeys", report.evaluationKeys())
                .put("bytesEvaluationKeysInMemory", report.evaluationKeyBytes())
                .put("estimatedPeakBytes", report.estimatedPeakBytes())
                .put("estimatedSeconds", plan.estimateSeconds(Workers.threads()))
                .put("plan", plan.fingerprint().toHex());
    }

    /** As rows of a table. */
    public static Table rows(MlrPlan plan, Table table) {
        PlanReport report = plan.report();
        int security = plan.parameters().rlwe().securityBits();
        return table.row("encoding", Words.of(plan.encoding()))
                .row("preparation", Words.of(plan.preparation()))
                .row(
                        "rows, features, classes",
                        String.format(Locale.ROOT, "%,d, %,d, %,d", plan.rows(), plan.features(), plan.classes()))
                .row("iterations", Integer.toString(plan.settings().iterations()))
                .row("refreshes by the owner", Integer.toString(report.refreshes()))
                .line()
                .row("ring degree", "2^" + plan.parameters().rlwe().logN())
                .row(
                        "modulus with special primes",
                        String.format(
                                Locale.ROOT,
                                "%.0f bits",
                                plan.parameters().rlwe().logQP()))
                .row("security", security == 0 ? "NONE (test parameters)" : security + " bits")
                .row("levels of an iteration", Integer.toString(report.levelsPerIteration()))
                .row("rotations of an iteration", String.format(Locale.ROOT, "%,d", report.rotationsPerIteration()))
                .row("ciphertexts uploaded", Integer.toString(report.ciphertextsUploaded()))
                .row("evaluation keys in memory", Units.bytes(report.evaluationKeyBytes()))
                .row("estimated peak memory", Units.bytes(report.estimatedPeakBytes()))
                .row("estimated time on this machine", Units.seconds(plan.estimateSeconds(Workers.threads())));
    }
}
