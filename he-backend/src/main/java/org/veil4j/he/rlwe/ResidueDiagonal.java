package org.veil4j.he.rlwe;

import java.util.Arrays;

/** A {@link PlainDiagonal} as residues modulo the primes of a level and the special primes, in NTT order. */
final class ResidueDiagonal implements PlainDiagonal {
    private final RlweParameters parameters;
    private final int level;
    private final double[][] limbs;

    /** Takes the limbs over. */
    ResidueDiagonal(RlweParameters parameters, int level, double[][] limbs) {
        this.parameters = parameters;
        this.level = level;
        this.limbs = limbs;
    }

    @Override
    public RlweParameters parameters() {
        return parameters;
    }

    @Override
    public int maxLevel() {
        return level;
    }

    @Override
    public long sizeBytes() {
        return (long) limbs.length * parameters.n() * Double.BYTES;
    }

    @Override
    public boolean isTransformed() {
        return true;
    }

    @Override
    public double[] residues(int at, int limb, double[] scratch) {
        return limbs[limb <= at ? limb : limb - at + level];
    }

    @Override
    public PlainDiagonal toResidues(int at) {
        if (at > level) {
            throw new LevelExhaustedException("level=" + at + ": must be at most " + level
                    + ", up to which residues are kept; keep coefficients");
        }
        if (at == level) {
            return this;
        }
        double[][] lower = Arrays.copyOf(limbs, parameters.qpAt(at).size());
        System.arraycopy(limbs, level + 1, lower, at + 1, parameters.p().size());
        return new ResidueDiagonal(parameters, at, lower);
    }

    /** Without the content, which may be secret. */
    @Override
    public String toString() {
        return "PlainDiagonal[residues, level=" + level + "]";
    }
}
