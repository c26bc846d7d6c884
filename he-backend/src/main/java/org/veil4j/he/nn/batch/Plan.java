package org.veil4j.he.nn.batch;

import java.util.List;

/**
 * Stages with their levels and scales: all that an interpretation needs to run a network.
 *
 * @param stages in order of execution; the last one gives the result
 * @param levelIn level of each stage's linear part
 * @param levelOut level of each stage's result
 * @param late whether each stage squares before it rescales
 * @param inputLevel level of a fresh input
 * @param scale scale of inputs and between stages
 * @param outputScale scale of the result
 */
public record Plan(
        List<Stage> stages,
        int[] levelIn,
        int[] levelOut,
        boolean[] late,
        int inputLevel,
        double scale,
        double outputScale) {
    static Plan of(List<Stage> stages, LevelSchedule schedule, double scale, double outputScale) {
        int[] in = new int[stages.size()];
        int[] out = new int[stages.size()];
        boolean[] late = new boolean[stages.size()];
        for (int s = 0; s < in.length; s++) {
            in[s] = schedule.levelIn(s);
            out[s] = schedule.levelOut(s);
            late[s] = schedule.isLate(stages.get(s));
        }
        return new Plan(List.copyOf(stages), in, out, late, schedule.depth(), scale, outputScale);
    }

    /** Level of a stage's linear part. */
    public int levelIn(int stage) {
        return levelIn[stage];
    }

    /** Whether a stage squares before it rescales. */
    public boolean isLate(int stage) {
        return late[stage];
    }

    /** Scale that a stage's linear part, or its late square, lands on. */
    public double targetScale(int stage) {
        return stage == stages.size() - 1 ? outputScale : scale;
    }

    /** For each stage the last stage that reads it; the number of stages for the last. */
    public int[] lastUse() {
        int[] last = new int[stages.size()];
        for (int s = 0; s < last.length; s++) {
            last[s] = s;
            for (int input : stages.get(s).inputs()) {
                if (input != Stage.NETWORK_INPUT) {
                    last[input] = s;
                }
            }
        }
        last[last.length - 1] = last.length;
        return last;
    }

    /** Weights of all stages. */
    public long weights() {
        long sum = 0;
        for (Stage s : stages) {
            sum += s.matrix().entries();
        }
        return sum;
    }

    /** Number of elements of the result. */
    public int outputs() {
        return stages.get(stages.size() - 1).outputs();
    }
}
