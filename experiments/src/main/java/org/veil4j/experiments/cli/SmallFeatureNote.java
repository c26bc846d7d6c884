package org.veil4j.experiments.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.he.mlr.MlrPlan;
import org.veil4j.he.mlr.SmallFeature;
import org.veil4j.he.mlr.clear.LabelledFeatures;

/** Says before a training under encryption that a feature will keep the head from being published finely. */
final class SmallFeatureNote {
    private SmallFeatureNote() {}

    static void print(MlrPlan plan, LabelledFeatures train, PrintWriter out, RunRecord run) {
        SmallFeature small = SmallFeature.of(plan, train);
        if (small == null) {
            return;
        }
        out.printf(
                Locale.ROOT,
                "note: feature %d of %d is so small on the training rows that its weights get %.0f times the noise of most:"
                        + " decrypt-head may refuse --bits that would do for the others; choose a --preparation that"
                        + " standardises, or leave the feature out%n",
                small.number(),
                train.features(),
                small.noise());
        run.put("smallFeature", small.number()).put("smallFeatureNoise", small.noise());
    }
}
