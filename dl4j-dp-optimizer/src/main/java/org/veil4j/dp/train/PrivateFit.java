package org.veil4j.dp.train;

import java.util.Arrays;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.veil4j.dp.accounting.Sampling;
import org.veil4j.dp.mechanism.DpPlan;

/** What DL4J's fit methods do under a plan: epochs of batches that are made as the plan says, and nothing else. */
final class PrivateFit {
    private static final Logger LOG = LogManager.getLogger(PrivateFit.class);

    private final PrivateModel model;
    private final PrivateEngine engine;
    private final PrivacyLedger ledger;
    private final DpPlan plan;

    PrivateFit(PrivateModel model, PrivateEngine engine) {
        this.model = model;
        this.engine = engine;
        this.ledger = engine.ledger();
        this.plan = ledger.plan();
    }

    /** Epochs of a sampler, or passes of an iterator. */
    void fit(DataSetIterator iterator, int epochs) {
        if (iterator instanceof PoissonSampler sampler) {
            epochs(sampler, epochs);
        } else {
            passes(new PairedIterator(iterator), iterator.getClass(), epochs);
        }
    }

    /** Passes of an iterator. */
    void fit(MultiDataSetIterator iterator, int epochs) {
        passes(iterator, iterator.getClass(), epochs);
    }

    private void epochs(PoissonSampler sampler, int epochs) {
        requirePositive(epochs);
        if (!sampler.plan().equals(plan)) {
            throw new PrivacyGuardException(
                    "sampler: follows another plan (" + sampler.plan() + ") than the network's updater (" + plan
                            + "); make it with PoissonSampler.of(data, plan) from the network's plan");
        }
        ledger.requireSteps((epochs - 1L) * plan.stepsPerEpoch() + 1);
        for (int i = 0; i < epochs; i++) {
            long steps = Math.min(plan.stepsPerEpoch(), ledger.remaining());
            begin();
            for (long j = 0; j < steps; j++) {
                engine.step(() -> sampler.draw(ledger.steps()));
            }
            end();
        }
    }

    private void passes(MultiDataSetIterator iterator, Class<?> kind, int epochs) {
        requirePositive(epochs);
        requireShuffled("iterator=" + kind.getName());
        ledger.finishEpoch();
        ledger.requireSteps((epochs - 1L) * plan.stepsPerEpoch() + 1);
        if (epochs > 1 && !iterator.resetSupported()) {
            throw new IllegalArgumentException(
                    "epochs=" + epochs + ": the iterator cannot be reset; call fit once an epoch");
        }
        for (int i = 0; i < epochs; i++) {
            if (iterator.resetSupported() && !iterator.hasNext()) {
                iterator.reset();
            }
            begin();
            pass(iterator);
            end();
        }
    }

    /** One pass is accounted as one epoch, however short it is: the next one may hold the same examples again. */
    private void pass(MultiDataSetIterator iterator) {
        int batches = 0;
        long examples = 0;
        try {
            while (iterator.hasNext()) {
                MultiDataSet next = iterator.next();
                if (++batches > plan.stepsPerEpoch()) {
                    throw new PrivacyGuardException("batches=" + batches + ": an epoch of the plan has "
                            + plan.stepsPerEpoch() + "; let the iterator give each example once");
                }
                examples += next.getFeatures(0).size(0);
                if (examples > plan.examples()) {
                    throw new PrivacyGuardException(
                            "examples=" + examples + ": an epoch of the plan has " + plan.examples()
                                    + "; let the iterator give each example once, or make a plan for this data");
                }
                single(next.getFeatures(), next.getLabels(), next.getFeaturesMaskArrays(), next.getLabelsMaskArrays());
            }
        } finally {
            ledger.finishEpoch();
        }
    }

    /** One batch by itself: under shuffled batches a pass of its own, which is accounted as an epoch. */
    void fitBatch(
            INDArray[] features,
            INDArray[] labels,
            INDArray @Nullable [] featureMasks,
            INDArray @Nullable [] labelMasks) {
        requireShuffled("batch");
        if (plan.stepsPerEpoch() > 1) {
            LOG.warn(
                    "fit(batch): a batch by itself is accounted as an epoch of {} steps, as the next call may hold the"
                            + " same examples; pass an iterator to fit",
                    plan.stepsPerEpoch());
        }
        ledger.finishEpoch();
        try {
            single(features, labels, featureMasks, labelMasks);
        } finally {
            ledger.finishEpoch();
        }
    }

    private void single(
            INDArray[] features,
            INDArray[] labels,
            INDArray @Nullable [] featureMasks,
            INDArray @Nullable [] labelMasks) {
        refuseMasks(featureMasks);
        refuseMasks(labelMasks);
        for (INDArray array : features) {
            if (array.rank() == 3) {
                throw Refusals.sequences(Arrays.toString(array.shape()));
            }
            if (array.size(0) > plan.expectedBatch()) {
                throw new PrivacyGuardException("examples=" + array.size(0) + ": a batch of the plan has at most "
                        + plan.expectedBatch() + "; use smaller batches");
            }
        }
        engine.step(() -> LogicalBatch.of(features, labels));
    }

    private static void refuseMasks(INDArray @Nullable [] masks) {
        if (masks == null) {
            return;
        }
        for (INDArray mask : masks) {
            if (mask != null) {
                throw new IllegalArgumentException("masks: have no exact per-example gradient in DL4J (they scale"
                        + " activations, not losses); leave masked examples out");
            }
        }
    }

    private void requireShuffled(String what) {
        if (plan.sampling() != Sampling.SHUFFLED) {
            throw new PrivacyGuardException(what + ": does not sample as the plan says (" + plan.sampling()
                    + "); use PoissonSampler.of(data, plan), or a plan with sampling(Sampling.SHUFFLED), which needs"
                    + " more noise for the same epsilon");
        }
    }

    private static void requirePositive(int epochs) {
        if (epochs < 1) {
            throw new IllegalArgumentException("epochs=" + epochs + ": must be at least 1");
        }
    }

    private void begin() {
        for (TrainingListener listener : model.listeners()) {
            listener.onEpochStart(model.network());
        }
    }

    private void end() {
        for (TrainingListener listener : model.listeners()) {
            listener.onEpochEnd(model.network());
        }
        model.countEpoch();
    }
}
