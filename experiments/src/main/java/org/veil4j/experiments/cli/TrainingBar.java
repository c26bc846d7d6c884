package org.veil4j.experiments.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.experiments.train.EpochResult;
import org.veil4j.experiments.train.TrainingListener;

/** A bar on the error stream and a line an epoch on the output, with the privacy spent where a plan is given. */
final class TrainingBar implements TrainingListener, AutoCloseable {
    private final PrintWriter out;
    private final @Nullable DpPlan plan;
    private final Progress progress;
    private int iteration;

    TrainingBar(PrintWriter out, long iterations, @Nullable DpPlan plan) {
        this.out = out;
        this.plan = plan;
        this.progress = Progress.start("training", iterations);
    }

    @Override
    public void iterationDone(int done, int total, double loss) {
        iteration = done;
        progress.done(done);
    }

    @Override
    public void epochDone(EpochResult r) {
        String held = Double.isNaN(r.validationAccuracy())
                ? ""
                : String.format(
                        Locale.ROOT,
                        "  validation loss %.4f  accuracy %.2f %%",
                        r.validationLoss(),
                        100 * r.validationAccuracy());
        String spent = plan == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        "  epsilon %.3f",
                        plan.guaranteeAfter(iteration).epsilon());
        out.printf(Locale.ROOT, "epoch %3d  loss %.4f%s%s  %.1f s%n", r.epoch(), r.loss(), held, spent, r.seconds());
        out.flush();
    }

    @Override
    public void close() {
        progress.close();
    }
}
