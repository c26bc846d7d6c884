package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.SparseMatrix;

/**
 * A linear stage as generalised diagonals: an output slot t adds up, over chosen shifts d, a weight times input slot t + d. The
 * slots of an output fall into classes {t, t + step, ..., t + (fold - 1) step} that are added up afterwards by rotations (the
 * fold), so every product that an element needs is done in any one slot of its class. Shifts are chosen greedily: the one that
 * serves most products not yet served. Not thread-safe.
 *
 * <p>Source of generalised diagonals: Halevi, Shoup, Algorithms in HElib, 2014; of the gaps: Lee et al., Low-complexity deep
 * convolutional neural networks on fully homomorphic encryption, 2022.
 */
final class DiagonalCover {
    private final PackedStage stage;
    private final Placement[] in;
    private final int[] outAt;
    private final int slots;
    private final int step;
    private final int modulus;
    private final Grid grid;
    /** Products that are served, by source and class; made as they are touched. */
    private final @Nullable BitSet[][] done;

    /**
     * A cover of one output ciphertext, with nothing served yet.
     *
     * @param in where the stage's sources are, in the order of the stage
     * @param outAt where the output's elements are; repeats every modulus / fold slots
     * @param modulus sources repeat every so many slots, and so does the output
     * @param fold slots of a class
     */
    DiagonalCover(PackedStage stage, Placement[] in, int[] outAt, int modulus, int fold, Grid grid) {
        this.stage = stage;
        this.in = in.clone();
        this.outAt = outAt;
        this.slots = outAt.length;
        this.modulus = modulus;
        this.step = modulus / fold;
        this.grid = grid;
        this.done = new BitSet[in.length][step];
    }

    /** A shift of one ciphertext of one source. */
    record Shift(int source, int ciphertext, int shift) {}

    private record Candidate(int count, long order, Shift shift) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate o) {
            return count != o.count ? Integer.compare(o.count, count) : Long.compare(order, o.order);
        }
    }

    /** The output's slots within one period, or those that hold an element of one position only. */
    int[] slotsOf(int position, int plane) {
        int[] chosen = new int[modulus];
        int count = 0;
        for (int t = 0; t < modulus; t++) {
            if (outAt[t] != Placement.NONE && (position < 0 || outAt[t] % plane == position)) {
                chosen[count++] = t;
            }
        }
        return java.util.Arrays.copyOf(chosen, count);
    }

    /**
     * Shifts that serve everything that the given output slots need and is not served yet, in the order in which they were chosen.
     *
     * @param ts output slots below the modulus; whole classes
     * @param limit shifts below so many only, which must be enough
     */
    List<Shift> choose(int[] ts, int limit) {
        long left = 0;
        for (int s = 0; s < in.length; s++) {
            for (int t : ts) {
                if (t < step) {
                    left += open(s, t);
                }
            }
        }
        List<Shift> chosen = new ArrayList<>();
        if (left == 0) {
            return chosen;
        }
        PriorityQueue<Candidate> queue = new PriorityQueue<>();
        for (int s = 0; s < in.length; s++) {
            addCandidates(s, ts, limit, queue);
        }
        while (left > 0) {
            Candidate best = queue.poll();
            if (best == null) {
                throw new IllegalStateException(stage.name() + ": " + left + " products are out of reach");
            }
            int count = serve(best.shift, ts, false, null);
            if (count == 0) {
                continue;
            }
            Candidate next = queue.peek();
            Candidate now = new Candidate(count, best.order, best.shift);
            if (next != null && now.compareTo(next) > 0) {
                queue.add(now);
                continue;
            }
            left -= serve(best.shift, ts, true, null);
            chosen.add(best.shift);
        }
        return chosen;
    }

    /** Products of an element that are not served yet. */
    private int open(int source, int t) {
        int element = outAt[t];
        SparseMatrix m = stage.matrices()[source];
        int open = 0;
        for (int k = m.rowStart(element); k < m.rowStart(element + 1); k++) {
            open += m.value(k) != 0 && !isDone(source, t, k - m.rowStart(element)) ? 1 : 0;
        }
        return open;
    }

    private boolean isDone(int source, int t, int k) {
        BitSet bits = done[source][t % step];
        return bits != null && bits.get(k);
    }

    /** Upper bounds on what each shift can serve. */
    private void addCandidates(int source, int[] ts, int limit, PriorityQueue<Candidate> queue) {
        Placement from = in[source];
        SparseMatrix m = stage.matrices()[source];
        int[] start = new int[m.columns() + 1];
        for (int[] at : from.at()) {
            for (int t = 0; t < modulus; t++) {
                if (at[t] != Placement.NONE) {
                    start[at[t] + 1]++;
                }
            }
        }
        for (int e = 0; e < m.columns(); e++) {
            start[e + 1] += start[e];
        }
        int[] place = new int[start[m.columns()]];
        int[] next = start.clone();
        for (int c = 0; c < from.ciphertexts(); c++) {
            int[] at = from.at()[c];
            for (int t = 0; t < modulus; t++) {
                if (at[t] != Placement.NONE) {
                    place[next[at[t]]++] = c * modulus + t;
                }
            }
        }
        int[][] counts = new int[from.ciphertexts()][Math.min(limit, modulus)];
        for (int t : ts) {
            int element = outAt[t];
            for (int k = m.rowStart(element); k < m.rowStart(element + 1); k++) {
                if (m.value(k) == 0 || isDone(source, t, k - m.rowStart(element))) {
                    continue;
                }
                int e = m.column(k);
                for (int i = start[e]; i < start[e + 1]; i++) {
                    int shift = place[i] % modulus - t & modulus - 1;
                    if (shift < counts[0].length) {
                        counts[place[i] / modulus][shift]++;
                    }
                }
            }
        }
        for (int c = 0; c < counts.length; c++) {
            for (int shift = 0; shift < counts[c].length; shift++) {
                if (counts[c][shift] > 0) {
                    long order =
                            ((long) source << 56) + ((long) c << 48) + (limit < modulus ? shift : grid.order(shift));
                    queue.add(new Candidate(counts[c][shift], order, new Shift(source, c, shift)));
                }
            }
        }
    }

    /**
     * Counts the products that a shift serves, not yet served ones only.
     *
     * @param mark whether they are served from now on
     * @param weights where their weights go, one a slot; or null
     */
    int serve(Shift shift, int[] ts, boolean mark, double @Nullable [] weights) {
        SparseMatrix m = stage.matrices()[shift.source()];
        int[] inAt = in[shift.source()].at()[shift.ciphertext()];
        int count = 0;
        for (int t : ts) {
            int element = outAt[t];
            int input = inAt[t + shift.shift() & slots - 1];
            if (input == Placement.NONE) {
                continue;
            }
            int entry = find(m, element, input);
            if (entry < 0 || m.value(entry) == 0 || isDone(shift.source(), t, entry - m.rowStart(element))) {
                continue;
            }
            count++;
            if (mark) {
                BitSet[] bySlot = done[shift.source()];
                if (bySlot[t % step] == null) {
                    bySlot[t % step] = new BitSet();
                }
                bySlot[t % step].set(entry - m.rowStart(element));
            }
            if (weights != null) {
                for (int r = t; r < slots; r += modulus) {
                    weights[r] = m.value(entry);
                }
            }
        }
        return count;
    }

    private static int find(SparseMatrix m, int row, int column) {
        int low = m.rowStart(row);
        int high = m.rowStart(row + 1) - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int c = m.column(middle);
            if (c == column) {
                return middle;
            }
            if (c < column) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }
}
