package org.veil4j.experiments.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.experiments.train.EpochResult;
import org.veil4j.experiments.train.TrainingListener;

/**
 * A bar on the error stream and a line an epoch on the output. Where a plan is given both show the privacy spent, and the line
 * says of the losses that they are not private.
 */
final class TrainingBar implements TrainingListener, AutoCloseable {
    /** How often the bar's epsilon is worked out in a training: a millisecond each. */
    private static final int NOTES = 200;

    private final PrintWriter out;
    private final @Nullable DpPlan plan;
    private final Progress progress;
    private int iteration;

    TrainingBar(PrintWriter out, long iterations, @Nullable DpPlan plan) {
        this(out, plan, Progress.start("training", iterations));
    }

    TrainingBar(PrintWriter out, @Nullable DpPlan plan, Progress progress) {
        this.out = out;
        this.plan = plan;
        this.progress = progress;
    }

    @Override
    public void iterationDone(int done, int total, double loss) {
        iteration = done;
        if (plan != null && (done % Math.max(1, total / NOTES) == 0 || done == total)) {
            // By RDP whatever the plan states: it is an upper bound too, and numerical composition would take longer
            // than steps.
            progress.note("epsilon " + roundedUp(plan.guaranteeAfter(done).epsilonRdp()));
        }
        progress.done(done);
    }

    /** Three decimals; what is spent must not look less than it is. */
    private static String roundedUp(double epsilon) {
        return String.format(Locale.ROOT, "%.3f", Math.ceil(1000 * epsilon) / 1000);
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
                : "  epsilon " + roundedUp(plan.guaranteeAfter(iteration).epsilon());
        String loss = String.format(Locale.ROOT, "loss %.4f%s", r.loss(), plan == null ? "" : " (not private)");
        out.printf(Locale.ROOT, "epoch %3d  %s%s%s  %.1f s%n", r.epoch(), loss, held, spent, r.seconds());
        out.flush();
    }

    @Override
    public void close() {
        progress.close();
    }
}
