package org.veil4j.dp.train;

import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.veil4j.dp.accounting.PrivacyGuarantee;
import org.veil4j.dp.mechanism.ClippingStatistics;
import org.veil4j.dp.mechanism.DpPlan;

/** What both kinds of private network offer beyond DL4J's own classes, which have no common type for it. */
public interface PrivateNetwork {
    /** The steps spent; shared with clones and with every network built from the same configuration. */
    PrivacyLedger ledger();

    /** What clipping did in the last step. Not private: do not publish. */
    ClippingStatistics lastStep();

    /** One epoch of a {@link PoissonSampler}, or (under a plan for shuffled batches) one pass of any iterator. */
    void fit(DataSetIterator iterator);

    /** The plan that the updaters carry. */
    default DpPlan plan() {
        return ledger().plan();
    }

    /** Steps accounted for so far. */
    default long steps() {
        return ledger().steps();
    }

    /** The guarantee for the steps so far; {@code plan().guarantee()} is that of the whole plan. */
    default PrivacyGuarantee guarantee() {
        return ledger().guarantee();
    }
}
