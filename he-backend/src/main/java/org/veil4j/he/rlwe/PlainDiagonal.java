package org.veil4j.he.rlwe;

/**
 * A plaintext polynomial by which a {@link HoistedTransform} multiplies: what it is modulo the primes of a level and the
 * special primes. Either kept as residues (the fastest; 8 N bytes a prime) or as integer coefficients, reduced and
 * transformed each time it is used (4 N or 8 N bytes in all, one transform a prime and use). Both give the same residues,
 * bit for bit. Immutable.
 */
public sealed interface PlainDiagonal extends Diagonal permits CoefficientDiagonal, ResidueDiagonal {
    /** Largest magnitude of a coefficient: what one reduction takes. */
    double MAX_COEFFICIENT = 0x1p101;

    /**
     * The form that keeps coefficients: as int while all are in [-2^31, 2^31), otherwise as double.
     *
     * @param coefficients N integers, each of magnitude at most {@link #MAX_COEFFICIENT}; copied
     * @throws IllegalArgumentException when there are not N, or one is too large or no integer
     */
    static PlainDiagonal ofCoefficients(RlweParameters parameters, double[] coefficients) {
        return CoefficientDiagonal.of(parameters, coefficients);
    }

    /** The parameters. */
    @Override
    RlweParameters parameters();

    /** The highest level at which the factor can be used. */
    @Override
    int maxLevel();

    /** Memory in bytes. */
    @Override
    long sizeBytes();

    /** Whether residues are kept, so that {@link #residues} costs nothing and needs no scratch. */
    boolean isTransformed();

    /**
     * Balanced residues modulo one prime, in NTT order.
     *
     * @param level at most {@link #maxLevel}
     * @param limb place among the primes of the level, followed by the special ones
     * @param scratch N doubles that may be overwritten and returned; not read when {@link #isTransformed}
     * @return N doubles, not to be changed
     */
    double[] residues(int level, int limb, double[] scratch);

    /**
     * The same factor kept as residues modulo the primes of a level and the special primes.
     *
     * @param level at most {@link #maxLevel}
     */
    PlainDiagonal toResidues(int level);
}
