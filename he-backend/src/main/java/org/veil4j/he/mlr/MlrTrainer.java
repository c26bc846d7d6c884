package org.veil4j.he.mlr;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.EncryptedAlgebra;
import org.veil4j.he.ckks.CkksEvaluator;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.ParameterMismatchException;

/**
 * Trains on encrypted features: the server's side. Has a plan and the owner's evaluation keys; cannot decrypt anything. Not
 * for several runs at a time: each takes the memory of the plan.
 */
public final class MlrTrainer {
    private static final Logger LOG = LogManager.getLogger(MlrTrainer.class);

    private final MlrPlan plan;
    private final Origin origin;
    private final EncryptedAlgebra algebra;

    private MlrTrainer(MlrPlan plan, Origin origin, EncryptedAlgebra algebra) {
        this.plan = plan;
        this.origin = origin;
        this.algebra = algebra;
    }

    /**
     * A trainer for the owner of the keys.
     *
     * @throws ParameterMismatchException if the keys belong to other parameters or another plan
     * @throws org.veil4j.he.rlwe.MissingEvaluationKeyException if one that the plan needs is not among them
     */
    public static MlrTrainer create(MlrPlan plan, MlrKeys ownersKeys) {
        if (!ownersKeys.plan().equals(plan.fingerprint())) {
            throw new ParameterMismatchException("plan of the evaluation keys", plan.fingerprint(), ownersKeys.plan());
        }
        EvaluationKeys keys = ownersKeys.keys();
        plan.rlwe().requireSame("evaluation keys", keys.parameters());
        keys.requireAll(plan.keys());
        return new MlrTrainer(
                plan, ownersKeys.origin(), new EncryptedAlgebra(plan.rlwe(), new CkksEvaluator(plan.rlwe(), keys)));
    }

    /**
     * A trainer for the owner of the keys in a file.
     *
     * @throws ParameterMismatchException if the keys belong to other parameters or another plan
     * @throws org.veil4j.he.rlwe.MissingEvaluationKeyException if one that the plan needs is not among them
     * @throws org.veil4j.he.io.CorruptDataException if the file is damaged or of another kind
     */
    public static MlrTrainer open(MlrPlan plan, Path evaluationKeyFile) throws IOException {
        return create(plan, MlrKeys.read(evaluationKeyFile, plan));
    }

    /** The plan. */
    public MlrPlan plan() {
        return plan;
    }

    /**
     * Runs the plan to its end, or what is left of it.
     *
     * @param from state to resume from, as a listener was given it; null to start
     * @param refresher asked where the plan refreshes
     * @return the state after the last iteration
     * @throws ParameterMismatchException if data or state belong to another plan
     * @throws IllegalArgumentException if data, state or what the refresher gives belong to another key set
     */
    public EncryptedWeights train(
            EncryptedDataset dataset, @Nullable EncryptedWeights from, Refresher refresher, TrainingListener listener) {
        Run run = new Run(dataset, listener);
        EncryptedWeights state = from == null ? run.start() : checked(from);
        while (state.iteration() < plan.settings().iterations()) {
            state = run.stretch(needsRefresh(state) ? refreshed(refresher, state) : state);
        }
        return state;
    }

    /**
     * Runs to the next point where the plan refreshes, or to its end: for a server that hands the weights to their owner in a
     * file and goes on with what comes back.
     *
     * @param from state to go on from, refreshed where the plan says so; null to start
     * @throws ParameterMismatchException if data or state belong to another plan
     * @throws IllegalArgumentException if data or state belong to another key set, or the state has to be refreshed first
     */
    public EncryptedWeights trainToRefresh(
            EncryptedDataset dataset, @Nullable EncryptedWeights from, TrainingListener listener) {
        if (from != null
                && (needsRefresh(checked(from))
                        || from.iteration() >= plan.settings().iterations())) {
            throw new IllegalArgumentException("iteration=" + from.iteration()
                    + ": these weights are used up or final; let their owner refresh them, or decrypt them");
        }
        Run run = new Run(dataset, listener);
        return run.stretch(from == null ? run.start() : from);
    }

    /** Whether weights have to go to their owner before the run can go on. */
    public boolean needsRefresh(EncryptedWeights weights) {
        return weights.iteration() < plan.settings().iterations()
                && plan.refreshesAfter(weights.iteration())
                && weights.level() != plan.levelBefore(weights.iteration() + 1);
    }

    private EncryptedWeights refreshed(Refresher refresher, EncryptedWeights used) {
        long start = System.nanoTime();
        EncryptedWeights fresh = checked(refresher.refresh(used));
        if (fresh.iteration() != used.iteration() || needsRefresh(fresh)) {
            throw new IllegalArgumentException("refreshed weights: after iteration " + fresh.iteration()
                    + " at level " + fresh.level() + ", must be after " + used.iteration() + " at level "
                    + plan.levelBefore(used.iteration() + 1));
        }
        LOG.info("refreshed after iteration {} in {} ms", used.iteration(), (System.nanoTime() - start) / 1_000_000);
        return fresh;
    }

    private EncryptedWeights checked(EncryptedWeights weights) {
        origin.requireSame("weights", weights.origin(), "evaluation keys");
        for (Ciphertext c : weights.ciphertexts()) {
            plan.rlwe().requireSame("weights", c.parameters());
        }
        return weights;
    }

    /** The data made ready, and iterations on it. */
    private final class Run {
        private final EncryptedDataset dataset;
        private final PlanRunner<Ciphertext> runner;
        private long last = System.nanoTime();
        /** What making the data ready took: part of the first iteration, wherever it comes. */
        private long ready;

        Run(EncryptedDataset dataset, TrainingListener listener) {
            origin.requireSame("data set", dataset.origin(), "evaluation keys");
            this.dataset = dataset;
            this.runner = new PlanRunner<>(
                    plan.values(),
                    plan.encoder().circuit(algebra, dataset.ciphertexts()),
                    (t, weights) -> weights,
                    (t, weights) -> {
                        double seconds = (System.nanoTime() - last) * 1e-9;
                        LOG.info("iteration {} in {} ms", t, Math.round(seconds * 1000));
                        listener.finished(new EncryptedWeights(origin, t, weights), seconds);
                        last = System.nanoTime();
                    });
            this.ready = System.nanoTime() - last;
        }

        EncryptedWeights start() {
            return new EncryptedWeights(origin, 0, dataset.start());
        }

        EncryptedWeights stretch(EncryptedWeights from) {
            // Before a stretch the owner may have been waited for, which is no part of an iteration.
            last = System.nanoTime() - ready;
            ready = 0;
            List<Ciphertext> now = from.ciphertexts();
            int t = from.iteration();
            do {
                t++;
                now = runner.iterate(t, now);
            } while (t < plan.settings().iterations() && !plan.refreshesAfter(t));
            return new EncryptedWeights(origin, t, now);
        }
    }
}
