package org.veil4j.he.circuit;

/** Sums of a value's slots, by rotations. */
public final class SlotSum {
    private SlotSum() {}

    /**
     * Sum of the rotations of a value by 0, step, 2 step, ..., (count - 1) step: slot i becomes the sum over k of slot i + k step,
     * around the end. With step -1 and zeros in all slots but every count-th, it fills the count - 1 slots after each of these with
     * its number. Each rotation doubles what the sum has, so log2(count) are made, by step times 1, 2, 4, ..., count / 2: as many key
     * switches, one after the other, and a key for each. Takes no level and leaves the scale; numbers grow up to count times, and so
     * does their error.
     *
     * @param a degree 1
     * @param step slots to the left; negative for the right
     * @param count a power of two, at least 1
     */
    public static <C> C fold(SlotAlgebra<C> algebra, C a, int step, int count) {
        if (Integer.bitCount(count) != 1 || count < 1) {
            throw new IllegalArgumentException("count=" + count + ": must be a power of two, at least 1");
        }
        C sum = a;
        for (int doubled = 1; doubled < count; doubled *= 2) {
            sum = algebra.add(sum, algebra.rotate(sum, step * doubled));
        }
        return sum;
    }
}
