package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.veil4j.he.nn.packed.DiagonalCover.Shift;

/**
 * Every shift as a giant step plus a baby step: shift = giant + baby, baby in [low, low + unit). Baby steps are rotations of a
 * source, shared by all outputs. Giant steps are nested: an output's total is rotated from one giant to the next, so that keys are
 * needed for the distances between giants only, of which there are few.
 *
 * @param slots shifts count modulo this
 * @param unit width of the range of baby steps
 * @param low least baby step
 * @param ascending whether totals go from small giant steps to large ones, then on to the end of the slots, which is 0
 */
record BabyGiantSplit(int slots, int unit, int low, boolean ascending) {
    private static final int MAX_SMALL_UNIT = 40;

    /** Prices of a rotation of each kind, and of a rotation that needs a key of its own. */
    record Prices(double baby, double giant, double key) {}

    /** A split with what it takes. */
    record Priced(BabyGiantSplit split, double price, int babies, int giants) {}

    /** The baby step of a shift, perhaps negative. */
    int baby(int shift) {
        return Math.floorMod(signed(shift) - low, unit) + low;
    }

    /** The giant step of a shift, 0 to slots - 1. */
    int giant(int shift) {
        return Math.floorMod(shift - baby(shift), slots);
    }

    private int signed(int shift) {
        return shift > slots / 2 && slots % unit != 0 ? shift - slots : shift;
    }

    /** The giant steps of an output, in the order in which totals take them up. */
    int[] giants(List<Shift> shifts) {
        int[] sorted = shifts.stream()
                .mapToInt(s -> giant(s.shift()))
                .distinct()
                .sorted()
                .toArray();
        return ordered(sorted, ascending);
    }

    /** Giants from the first to be taken up to the last; ascending ones end with 0, if it is there. */
    private static int[] ordered(int[] sorted, boolean ascending) {
        int[] order = new int[sorted.length];
        int zero = sorted.length > 0 && sorted[0] == 0 ? 1 : 0;
        for (int i = 0; i < order.length; i++) {
            order[i] = ascending ? sorted[(i + zero) % order.length] : sorted[order.length - 1 - i];
        }
        return order;
    }

    /** How far a total is rotated after each of its giants has been added, 0 to slots - 1. */
    int[] rotations(int[] giants) {
        int[] steps = new int[giants.length];
        for (int i = 0; i < steps.length; i++) {
            int next = i + 1 < giants.length ? giants[i + 1] : 0;
            steps[i] = giants[i] - next & slots - 1;
        }
        return steps;
    }

    /** All rotations other than by 0, modulo the slots. */
    TreeSet<Integer> steps(List<List<Shift>> outputs) {
        TreeSet<Integer> steps = new TreeSet<>();
        for (List<Shift> shifts : outputs) {
            for (Shift s : shifts) {
                steps.add(Math.floorMod(baby(s.shift()), slots));
            }
            for (int step : rotations(giants(shifts))) {
                steps.add(step);
            }
        }
        steps.remove(0);
        return steps;
    }

    /**
     * The cheapest split.
     *
     * @param outputs shifts of each output ciphertext
     * @param known rotations that have keys already, by step; one entry a slot
     */
    static Priced best(int slots, List<List<Shift>> outputs, Grid grid, boolean[] known, Prices prices) {
        Counter counter = new Counter(slots, outputs, known);
        Priced best = null;
        for (int unit : units(slots, grid)) {
            for (int low : lows(unit, grid)) {
                for (boolean ascending : new boolean[] {false, true}) {
                    Priced p = counter.price(new BabyGiantSplit(slots, unit, low, ascending), prices);
                    if (best == null || p.price() < best.price()) {
                        best = p;
                    }
                }
            }
        }
        if (best == null) {
            throw new IllegalStateException("there is always the unit 1");
        }
        return best;
    }

    private static int[] units(int slots, Grid grid) {
        TreeSet<Integer> units = new TreeSet<>();
        for (int u = 1; u <= slots; u *= 2) {
            units.add(u);
        }
        for (int k = 1; k <= MAX_SMALL_UNIT && k * grid.columns() <= slots; k++) {
            units.add(k * grid.columns());
        }
        for (int k : new int[] {3, 5, 6}) {
            if (k * grid.block() <= slots) {
                units.add(k * grid.block());
            }
        }
        return units.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int[] lows(int unit, Grid grid) {
        int columns = grid.columns();
        List<Integer> lows = new ArrayList<>(List.of(-unit / 2, 0, -unit / 2 + columns / 2));
        lows.add(-(unit / (2 * columns)) * columns - columns / 2);
        for (int k = 0; k < 3; k++) {
            lows.add(-columns / 2 - k * columns);
        }
        return lows.stream().distinct().mapToInt(Integer::intValue).toArray();
    }

    /** Counts distinct steps without collections: there are hundreds of splits to try. */
    private static final class Counter {
        private final int slots;
        private final List<List<Shift>> outputs;
        private final boolean[] known;
        private final int inputs;
        private final int ciphertexts;
        private final int[] babySeen;
        private final int[] giantSeen;
        private final int[] distinct;
        private final int[] keySeen;
        private int round;
        private int giantRound;

        Counter(int slots, List<List<Shift>> outputs, boolean[] known) {
            this.slots = slots;
            this.outputs = outputs;
            this.known = known;
            int sources = 1;
            int most = 1;
            for (List<Shift> shifts : outputs) {
                for (Shift s : shifts) {
                    sources = Math.max(sources, s.source() + 1);
                    most = Math.max(most, s.ciphertext() + 1);
                }
            }
            this.inputs = sources;
            this.ciphertexts = most;
            this.babySeen = new int[inputs * ciphertexts * slots];
            this.giantSeen = new int[slots];
            this.distinct = new int[slots];
            this.keySeen = new int[slots];
        }

        Priced price(BabyGiantSplit split, Prices prices) {
            round++;
            int babies = 0;
            int giants = 0;
            int keys = 0;
            for (List<Shift> shifts : outputs) {
                giantRound++;
                int count = 0;
                for (Shift s : shifts) {
                    int baby = Math.floorMod(split.baby(s.shift()), slots);
                    int giant = s.shift() - baby & slots - 1;
                    int at = (s.source() * ciphertexts + s.ciphertext()) * slots + baby;
                    if (baby != 0 && babySeen[at] != round) {
                        babySeen[at] = round;
                        babies++;
                        keys += fresh(baby);
                    }
                    if (giantSeen[giant] != giantRound) {
                        giantSeen[giant] = giantRound;
                        distinct[count++] = giant;
                    }
                }
                int[] sorted = Arrays.copyOf(distinct, count);
                Arrays.sort(sorted);
                for (int step : split.rotations(ordered(sorted, split.ascending))) {
                    if (step != 0) {
                        giants++;
                        keys += fresh(step);
                    }
                }
            }
            double price = prices.baby() * babies + prices.giant() * giants + prices.key() * keys;
            return new Priced(split, price, babies, giants);
        }

        private int fresh(int step) {
            if (known[step] || keySeen[step] == round) {
                return 0;
            }
            keySeen[step] = round;
            return 1;
        }
    }

    /** No keys yet. */
    static boolean[] noKeys(int slots) {
        boolean[] known = new boolean[slots];
        Arrays.fill(known, false);
        return known;
    }
}
