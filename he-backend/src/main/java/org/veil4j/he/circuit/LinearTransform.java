package org.veil4j.he.circuit;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A linear map of slots, from vectors to vectors, as generalised diagonals in baby steps and giant steps: each output begins at
 * zero, and giant by giant becomes {@code rotate(total + sum over diagonals of values * rotate(inputs[input], baby), steps)}.
 * Rotations are to the left; what was added earlier is rotated by all later steps too, so that equal distances between giants
 * need one key. Immutable by use: arrays are shared.
 *
 * <p>Source: Halevi, Shoup, Algorithms in HElib, 2014 (diagonals); Bossuat et al., Efficient bootstrapping for approximate
 * homomorphic encryption with non-sparse keys, 2021, section 4 (double hoisting, which the encrypted form uses).
 */
public final class LinearTransform {
    private final int slots;
    private final int inputs;
    private final List<List<Giant>> outputs;

    /**
     * One diagonal.
     *
     * @param input which input is read
     * @param baby by how many slots it is rotated before the product; any sign
     * @param values factors, one a slot
     */
    public record Diagonal(int input, int baby, double[] values) {}

    /**
     * Diagonals whose sum is added to the total, which is then rotated.
     *
     * @param steps by how many slots; any sign, 0 for not at all
     * @param diagonals at least one
     */
    public record Giant(int steps, List<Diagonal> diagonals) {
        /** Copies the list. */
        public Giant {
            diagonals = List.copyOf(diagonals);
        }
    }

    /**
     * A transform.
     *
     * @param slots slots of a vector, a power of two
     * @param inputs number of inputs, at least 1
     * @param outputs giants of each output, at least one each
     * @throws IllegalArgumentException if an output or giant has no diagonal, or a diagonal has another length or names an
     *     input that there is not
     */
    public LinearTransform(int slots, int inputs, List<List<Giant>> outputs) {
        this.slots = slots;
        this.inputs = inputs;
        this.outputs = outputs.stream().map(List::copyOf).toList();
        for (List<Giant> giants : this.outputs) {
            if (giants.isEmpty()) {
                throw new IllegalArgumentException("giants=0: an output needs at least one diagonal, if only of zeros");
            }
            for (Giant g : giants) {
                if (g.diagonals().isEmpty()) {
                    throw new IllegalArgumentException("diagonals=0 of giant step " + g.steps()
                            + ": must be at least one, as the rotation would need a key for nothing");
                }
                for (Diagonal d : g.diagonals()) {
                    if (d.values().length != slots || d.input() < 0 || d.input() >= inputs) {
                        throw new IllegalArgumentException("diagonal of input " + d.input() + " with "
                                + d.values().length + " values: must be of an input below " + inputs + " and have "
                                + slots + " values");
                    }
                }
            }
        }
    }

    /** Slots of a vector. */
    public int slots() {
        return slots;
    }

    /** Number of inputs. */
    public int inputs() {
        return inputs;
    }

    /** The giants of each output. */
    public List<List<Giant>> outputs() {
        return outputs;
    }

    /** Number of products of a diagonal with a vector. */
    public int products() {
        int sum = 0;
        for (List<Giant> giants : outputs) {
            for (Giant g : giants) {
                sum += g.diagonals().size();
            }
        }
        return sum;
    }

    /** The baby steps of an input, 0 to slots - 1, 0 included where it is used. */
    public SortedSet<Integer> babies(int input) {
        TreeSet<Integer> steps = new TreeSet<>();
        for (List<Giant> giants : outputs) {
            for (Giant g : giants) {
                for (Diagonal d : g.diagonals()) {
                    if (d.input() == input) {
                        steps.add(Math.floorMod(d.baby(), slots));
                    }
                }
            }
        }
        return steps;
    }
}
