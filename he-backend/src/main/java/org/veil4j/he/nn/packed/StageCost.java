package org.veil4j.he.nn.packed;

/**
 * Relative prices of a stage's operations, in transforms of one limb, for choosing between layouts: the same on every machine.
 *
 * @param limbs primes of the level at which the stage's transform is done
 * @param special key-switching primes
 * @param digits digits of a polynomial of that level
 * @param onTheFly whether plaintexts are transformed when they are used
 * @param secret whether factors are encrypted
 */
record StageCost(int limbs, int special, int digits, boolean onTheFly, boolean secret) {
    /** A multiply-add of a limb, in transforms; measured. */
    private static final double MULTIPLY = 0.2;
    /** A permutation of a limb, in transforms; measured. */
    private static final double PERMUTE = 0.15;
    /** What a rotation key is worth, in giant steps: upload and memory. */
    private static final double KEY = 0.5;

    private int extended() {
        return limbs + special;
    }

    /** A rotation that shares its input's decomposition and stays modulo Q P. */
    double baby() {
        return 2 * digits * extended() * MULTIPLY + 2 * extended() * PERMUTE;
    }

    /** A product with a factor modulo Q P. */
    double product() {
        return extended() * ((secret ? 4 : 2) * MULTIPLY + (onTheFly ? 1 + MULTIPLY : 0));
    }

    private double decomposition() {
        return (double) digits * extended();
    }

    private double keyProduct() {
        return 2 * digits * extended() * MULTIPLY;
    }

    /** A rotation of a sum modulo Q P: division of one half by P, decomposition, product with the key. */
    double giant() {
        return (secret ? 2 : 1) * (special + limbs + decomposition() + keyProduct()) + 2 * extended() * PERMUTE;
    }

    /** A whole rotation, one level below. */
    double fold() {
        return decomposition() + keyProduct() + 2 * extended() + 2 * limbs * PERMUTE;
    }

    /** Decomposition of an input. */
    double input() {
        return decomposition();
    }

    /** Division by P and the level's prime. */
    double output() {
        return 2 * extended();
    }

    BabyGiantSplit.Prices prices() {
        return new BabyGiantSplit.Prices(baby(), giant(), KEY * giant());
    }
}
