package org.veil4j.he.nn.packed;

import java.util.List;
import java.util.TreeSet;
import org.veil4j.he.nn.packed.DiagonalCover.Shift;

/**
 * Where a stage's tensors are, and by which diagonals they come about.
 *
 * @param placement where the elements are
 * @param modulus sources and result repeat every so many slots
 * @param fold slots of a class, whose sums are added up by log2(fold) rotations; a power of two
 * @param shifts for each output ciphertext, in the order in which they serve
 * @param split of the shifts into baby and giant steps
 */
record StageLayout(Placement placement, int modulus, int fold, List<List<Shift>> shifts, BabyGiantSplit split) {
    StageLayout {
        shifts = shifts.stream().map(List::copyOf).toList();
    }

    /** The rotations that add up a class: step, 2 step, ..., below the modulus. */
    int[] foldSteps() {
        int[] steps = new int[Integer.numberOfTrailingZeros(fold)];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = modulus / fold << i;
        }
        return steps;
    }

    /** Plaintext diagonals. */
    int products() {
        int sum = 0;
        for (List<Shift> s : shifts) {
            sum += s.size();
        }
        return sum;
    }

    /** All rotations. */
    TreeSet<Integer> steps() {
        TreeSet<Integer> steps = split.steps(shifts);
        for (int s : foldSteps()) {
            steps.add(s);
        }
        return steps;
    }
}
