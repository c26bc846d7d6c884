package org.veil4j.he.mlr;

import java.util.List;
import java.util.Map;
import org.veil4j.he.circuit.OperationCounts.Kind;

/**
 * What a plan takes, known before there is a key.
 *
 * @param levelsPerIteration levels of an iteration from weights that are not zero
 * @param keySwitches key switches of each iteration, the data's unpacking counted to the first
 * @param rotations rotations among them
 * @param operations all operations by kind
 * @param relativeCost their price in transforms of one limb
 * @param ciphertextsUploaded ciphertexts of the data set and the start weights
 * @param bytesUploaded their size in a file
 * @param evaluationKeys number of evaluation keys
 * @param evaluationKeyBytes their size in memory
 * @param refreshes how often weights are refreshed
 * @param refreshBytes size of all messages of these, both ways
 * @param estimatedLiveBytes most that the server holds in the Java heap at once
 * @param estimatedPeakBytes peak of the server's resident memory
 */
public record PlanReport(
        int levelsPerIteration,
        List<Long> keySwitches,
        List<Long> rotations,
        Map<Kind, Long> operations,
        double relativeCost,
        int ciphertextsUploaded,
        long bytesUploaded,
        int evaluationKeys,
        long evaluationKeyBytes,
        int refreshes,
        long refreshBytes,
        long estimatedLiveBytes,
        long estimatedPeakBytes) {
    /** Copies. */
    public PlanReport {
        keySwitches = List.copyOf(keySwitches);
        rotations = List.copyOf(rotations);
        operations = Map.copyOf(operations);
    }

    /** Rotations of an ordinary iteration: the largest number that one takes, the first left aside if there are more. */
    public long rotationsPerIteration() {
        return rotations.stream()
                .skip(rotations.size() > 1 ? 1 : 0)
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
    }
}
