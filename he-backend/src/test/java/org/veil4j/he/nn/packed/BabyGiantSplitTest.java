package org.veil4j.he.nn.packed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.veil4j.he.nn.packed.DiagonalCover.Shift;

/** Splits of random shifts into baby and giant steps. */
class BabyGiantSplitTest {
    private static List<List<Shift>> shifts(Random random, int slots) {
        List<List<Shift>> outputs = new ArrayList<>();
        for (int o = random.nextInt(3); o >= 0; o--) {
            Set<Shift> shifts = new LinkedHashSet<>();
            int spread = random.nextBoolean() ? slots : Math.min(slots, 16);
            for (int k = random.nextInt(30); k >= 0; k--) {
                int shift = Math.floorMod(random.nextInt(spread) - spread / 2, slots);
                shifts.add(new Shift(random.nextInt(2), random.nextInt(2), shift));
            }
            outputs.add(new ArrayList<>(shifts));
        }
        return outputs;
    }

    @Test
    void best_randomShifts_rotatesEachToItsPlaceAndCountsWhatItDoes() {
        for (long seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            int slots = 1 << random.nextInt(9);
            int rows = 1 << random.nextInt(Integer.numberOfTrailingZeros(slots) + 1);
            int columns = 1 << random.nextInt(Integer.numberOfTrailingZeros(slots / rows) + 1);
            List<List<Shift>> outputs = shifts(random, slots);
            BabyGiantSplit.Priced best = BabyGiantSplit.best(
                    slots,
                    outputs,
                    new Grid(slots, rows, columns),
                    BabyGiantSplit.noKeys(slots),
                    new BabyGiantSplit.Prices(1, random.nextInt(20), random.nextInt(5)));
            BabyGiantSplit split = best.split();
            Set<List<Integer>> babies = new HashSet<>();
            TreeSet<Integer> steps = new TreeSet<>();
            int rotated = 0;
            for (List<Shift> shifts : outputs) {
                int[] giants = split.giants(shifts);
                int[] rotations = split.rotations(giants);
                int left = 0;
                Set<Integer> seen = new HashSet<>();
                for (int i = giants.length - 1; i >= 0; i--) { // a giant is rotated by its own step and all later ones
                    left = (left + rotations[i]) % slots;
                    assertThat(left).as("seed %d, giant %d", seed, i).isEqualTo(giants[i]);
                    assertThat(seen.add(giants[i]))
                            .as("seed %d, giant %d", seed, i)
                            .isTrue();
                    rotated += rotations[i] == 0 ? 0 : 1;
                    steps.add(rotations[i]);
                }
                for (Shift s : shifts) {
                    int baby = split.baby(s.shift());
                    assertThat(baby).as("seed %d", seed).isBetween(split.low(), split.low() + split.unit() - 1);
                    assertThat(Math.floorMod(split.giant(s.shift()) + baby, slots))
                            .as("seed %d", seed)
                            .isEqualTo(s.shift());
                    assertThat(seen).as("seed %d", seed).contains(split.giant(s.shift()));
                    int step = Math.floorMod(baby, slots);
                    steps.add(step);
                    if (step != 0) {
                        babies.add(List.of(s.source(), s.ciphertext(), step));
                    }
                }
            }
            steps.remove(0);
            assertThat(split.steps(outputs)).as("seed %d", seed).isEqualTo(steps);
            assertThat(best.babies()).as("seed %d", seed).isEqualTo(babies.size());
            assertThat(best.giants()).as("seed %d", seed).isEqualTo(rotated);
        }
    }
}
