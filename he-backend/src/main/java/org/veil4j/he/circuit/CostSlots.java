package org.veil4j.he.circuit;

/**
 * What a value costs: its level, scale and degree, and no numbers.
 *
 * @param level level, at least 0
 * @param scale factor by which the encoded numbers are scaled up
 * @param degree 1, or 2 before relinearisation
 */
public record CostSlots(int level, double scale, int degree) {
    /** Residue polynomials of the value. */
    public int limbs() {
        return (degree + 1) * (level + 1);
    }
}
