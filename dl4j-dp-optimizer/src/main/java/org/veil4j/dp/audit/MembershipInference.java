package org.veil4j.dp.audit;

import java.util.Arrays;
import java.util.Comparator;

/** How well a threshold on a score tells members of the training set from others. */
public final class MembershipInference {
    private MembershipInference() {}

    /**
     * Area under the ROC curve of the guess "members have the larger score": the probability that a random member scores above
     * a random other one, ties counted half. 0.5: no better than a coin; 1: always right.
     *
     * @param members scores of training examples, for instance minus their losses; not NaN
     * @param others scores of examples that were not trained on
     * @return in [0, 1]; cost n log n
     * @throws IllegalArgumentException when a side is empty or a score is NaN
     */
    public static double auc(double[] members, double[] others) {
        if (members.length == 0 || others.length == 0) {
            throw new IllegalArgumentException(
                    "members=" + members.length + ", others=" + others.length + ": both sides need scores");
        }
        int n = members.length + others.length;
        double[] scores = Arrays.copyOf(members, n);
        System.arraycopy(others, 0, scores, members.length, others.length);
        Integer[] order = new Integer[n];
        for (int i = 0; i < n; i++) {
            if (Double.isNaN(scores[i])) {
                throw new IllegalArgumentException("score=NaN: scores must be numbers; the training may have diverged");
            }
            order[i] = i;
        }
        Arrays.sort(order, Comparator.comparingDouble(i -> scores[i]));
        double rankSum = 0;
        for (int from = 0; from < n; ) {
            int to = from;
            int membersHere = 0;
            while (to < n && scores[order[to]] == scores[order[from]]) {
                membersHere += order[to] < members.length ? 1 : 0;
                to++;
            }
            rankSum += membersHere * (from + 1 + to) / 2.0; // the mean of the ranks from+1..to
            from = to;
        }
        double least = (double) members.length * (members.length + 1) / 2;
        return (rankSum - least) / ((double) members.length * others.length);
    }
}
