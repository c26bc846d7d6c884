package org.veil4j.he.nn.packed;

import java.util.List;
import java.util.TreeSet;

/**
 * Where all tensors of a network are.
 *
 * @param grid positions over slots
 * @param input where the input is
 * @param stages where each stage's tensors are
 */
record PackedLayout(Grid grid, Placement input, List<StageLayout> stages) {
    PackedLayout {
        stages = List.copyOf(stages);
    }

    /** Where a source is. */
    Placement source(int source) {
        return source == PackedStage.INPUT ? input : stages.get(source / 2).placement();
    }

    /** All rotations of all stages. */
    TreeSet<Integer> steps() {
        TreeSet<Integer> steps = new TreeSet<>();
        for (StageLayout s : stages) {
            steps.addAll(s.steps());
        }
        return steps;
    }
}
