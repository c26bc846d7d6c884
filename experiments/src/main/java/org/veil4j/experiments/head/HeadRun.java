package org.veil4j.experiments.head;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.mlr.MlrPlan;
import org.veil4j.he.mlr.clear.ClearMlr;
import org.veil4j.he.mlr.clear.SoftmaxHead;

/**
 * An encrypted training, and what it is compared with.
 *
 * @param plan what was run
 * @param clear the same algorithm on plain numbers
 * @param head decrypted, not rounded: for its owner only
 * @param iterations one entry an iteration
 * @param maxWeightError largest difference of a decrypted weight from the clear run of the same circuit
 * @param seconds of each phase
 * @param traffic what travelled
 * @param peakRssBytes of the process when training had ended, with both roles in it; null where unknown
 */
public record HeadRun(
        MlrPlan plan,
        ClearMlr.Run clear,
        SoftmaxHead head,
        List<Iteration> iterations,
        double maxWeightError,
        Seconds seconds,
        Traffic traffic,
        @Nullable Long peakRssBytes) {
    /**
     * An iteration.
     *
     * @param accuracyClear of the clear run, on the rows that are measured
     * @param lossClear its loss on the training rows
     * @param accuracyEncrypted of the decrypted weights; null where they were not decrypted
     * @param lossEncrypted their loss on the training rows; null where they were not decrypted
     * @param seconds what the server took
     */
    public record Iteration(
            double accuracyClear,
            double lossClear,
            @Nullable Double accuracyEncrypted,
            @Nullable Double lossEncrypted,
            double seconds) {}

    /**
     * Durations.
     *
     * @param keys making all keys
     * @param encrypt preparing, encrypting and writing the data set
     * @param train reading it and training, refreshes included; decrypting in between, which is the experiment's, is not
     * @param decrypt the final head
     * @param clear the clear run and the clear run of the circuit
     */
    public record Seconds(double keys, double encrypt, double train, double decrypt, double clear) {
        /** Encryption, training and decryption: keys are made once for all data of a plan. */
        public double total() {
            return encrypt + train + decrypt;
        }
    }

    /**
     * Bytes of messages.
     *
     * @param uploaded the encrypted data set
     * @param refreshes how often weights travelled
     * @param refreshed bytes of these, both ways
     */
    public record Traffic(long uploaded, int refreshes, long refreshed) {}

    /** Accuracy after the last iteration, decrypted. */
    public double accuracy() {
        Double last = iterations.get(iterations.size() - 1).accuracyEncrypted();
        return last == null ? Double.NaN : last;
    }
}
