package org.veil4j.he.ckks;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ring.Galois;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.KeySwitchKey;
import org.veil4j.he.rlwe.KeySwitcher;
import org.veil4j.he.rlwe.LevelExhaustedException;
import org.veil4j.he.rlwe.Plaintext;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.ScaleMismatchException;

/**
 * Arithmetic on ciphertexts, slot by slot. Immutable and shareable. Results are new, operands unchanged, unless a method says
 * otherwise. Operands of different levels meet at the lower one (dropping limbs is free and exact); scales are tracked
 * exactly, and sums of operands whose scales differ by more than 2^-30 of their value are refused.
 */
public final class CkksEvaluator {
    /** Largest relative difference of scales that count as the same. */
    public static final double SCALE_TOLERANCE = 0x1p-30;

    private final RlweParameters parameters;
    private final EvaluationKeys keys;
    private final KeySwitcher switcher;
    private final Rescaling rescaling;

    /**
     * An evaluator.
     *
     * @param keys may be null: then relinearisation and rotations fail
     * @throws org.veil4j.he.rlwe.ParameterMismatchException when the keys belong to other parameters
     */
    public CkksEvaluator(RlweParameters parameters, @Nullable EvaluationKeys keys) {
        if (keys != null) {
            parameters.requireSame("evaluation keys", keys.parameters());
        }
        this.parameters = parameters;
        this.keys = keys == null ? EvaluationKeys.none(parameters) : keys;
        this.switcher = new KeySwitcher(parameters);
        this.rescaling = new Rescaling(parameters, switcher);
    }

    /** The parameters. */
    public RlweParameters parameters() {
        return parameters;
    }

    /** The keys; an empty set when there are none. */
    public EvaluationKeys keys() {
        return keys;
    }

    private void check(Ciphertext a) {
        parameters.requireSame("ciphertext", a.parameters());
    }

    private Ciphertext make(RnsPoly[] parts, double scale) {
        return new Ciphertext(parameters, parts, scale, null);
    }

    /**
     * a + b. Degree: the larger.
     *
     * @throws ScaleMismatchException when the scales differ
     */
    public Ciphertext add(Ciphertext a, Ciphertext b) {
        return LinearOps.combine(parameters, a, b, false);
    }

    /**
     * a - b. Degree: the larger.
     *
     * @throws ScaleMismatchException when the scales differ
     */
    public Ciphertext sub(Ciphertext a, Ciphertext b) {
        return LinearOps.combine(parameters, a, b, true);
    }

    /**
     * Adds x into the residues of acc, which must not be a fresh encryption, must have at least x's degree and at most its
     * level. Ciphertexts that share the residues of acc change with it.
     *
     * @throws ScaleMismatchException when the scales differ
     */
    public void addInPlace(Ciphertext acc, Ciphertext x) {
        LinearOps.addInPlace(parameters, acc, x);
    }

    /** -a. */
    public Ciphertext negate(Ciphertext a) {
        return LinearOps.negate(parameters, a);
    }

    /**
     * a + b for a plaintext.
     *
     * @throws ScaleMismatchException when the scales differ
     */
    public Ciphertext addPlain(Ciphertext a, Plaintext b) {
        return LinearOps.addPlain(parameters, a, b);
    }

    /**
     * Adds a number to every slot, rounded to a multiple of 1/scale.
     *
     * @param value finite
     * @throws IllegalArgumentException when value times scale does not fit the level
     */
    public Ciphertext addConstant(Ciphertext a, double value) {
        check(a);
        BigInteger integer = fittingConstant(a, value);
        RnsPoly[] parts = LinearOps.copies(a);
        LinearOps.addConstant(parts[0], integer);
        return make(parts, a.scale());
    }

    /**
     * Adds one number to every slot, in the memory of the input, which is retired: no later use of it, nor of ciphertexts that
     * share its residues.
     *
     * @throws IllegalArgumentException when the scaled number does not fit the level; the input is then as it was
     */
    public Ciphertext addConstantInPlace(Ciphertext a, double value) {
        check(a);
        BigInteger integer = fittingConstant(a, value);
        RnsPoly[] parts = LinearOps.parts(a);
        a.retire();
        LinearOps.addConstant(parts[0], integer);
        return make(parts, a.scale());
    }

    private BigInteger fittingConstant(Ciphertext a, double value) {
        BigInteger integer = CkksEncoder.scaled(value, a.scale());
        CkksEncoder.requireFits(parameters, Math.abs(integer.doubleValue()), a.level(), a.scale());
        return integer;
    }

    /**
     * Multiplies slot by slot by a plaintext. Scale: the product of the scales; rescale afterwards.
     *
     * @param b of any level
     */
    public Ciphertext multiplyPlain(Ciphertext a, Plaintext b) {
        return LinearOps.multiplyPlain(parameters, a, b);
    }

    /**
     * Multiplies every slot by round(value scale), an integer of any size. Result scale: the product of the scales. No
     * transform, no plaintext.
     *
     * @param value finite
     * @param scale finite and positive; 1 for whole numbers
     */
    public Ciphertext multiplyScalar(Ciphertext a, double value, double scale) {
        return LinearOps.multiplyByInteger(parameters, a, CkksEncoder.scaled(value, scale), scale);
    }

    /** Multiplies every slot by a whole number. The scale stays. */
    public Ciphertext multiplyInteger(Ciphertext a, long value) {
        return LinearOps.multiplyByInteger(parameters, a, BigInteger.valueOf(value), 1);
    }

    /** a b, not relinearised: degrees add. Scale: the product of the scales. */
    public Ciphertext multiply(Ciphertext a, Ciphertext b) {
        return sumOfProducts(new Ciphertext[] {a}, new Ciphertext[] {b});
    }

    /** a a, not relinearised. Three products a limb instead of four. */
    public Ciphertext square(Ciphertext a) {
        return sumOfSquares(new Ciphertext[] {a});
    }

    /**
     * The sum of a[t] b[t], not relinearised, reduced once in several terms. Level: the lowest of all.
     *
     * @param a at least one, all of one degree; no part of the result may sum up more than {@link RnsPoly#MAX_TERMS}
     *     products (for degree 1: half as many pairs)
     * @param b as many, all of one degree; products must have one scale
     * @throws ScaleMismatchException when the products' scales differ
     */
    public Ciphertext sumOfProducts(Ciphertext[] a, Ciphertext[] b) {
        return Products.of(parameters, a, b);
    }

    /** The sum of a[t]^2, as {@link #sumOfProducts}. */
    public Ciphertext sumOfSquares(Ciphertext[] a) {
        return Products.squares(parameters, a);
    }

    /** The sum of a[t] b[t] for plaintexts, as {@link #sumOfProducts}. Degree: that of a. */
    public Ciphertext sumOfPlainProducts(Ciphertext[] a, Plaintext[] b) {
        return Products.plain(parameters, a, b);
    }

    private static void requireDegree(Ciphertext a, int degree, String what) {
        if (a.degree() != degree) {
            throw new IllegalArgumentException("degree=" + a.degree() + ": must be " + degree + " for " + what
                    + "; relinearise each product before it is used");
        }
    }

    /**
     * Brings degree 2 back to 1; degree 1 is returned as it is.
     *
     * @throws org.veil4j.he.rlwe.MissingEvaluationKeyException when there is no relinearisation key for the level
     */
    public Ciphertext relinearize(Ciphertext a) {
        check(a);
        if (a.degree() == 1) {
            return a;
        }
        requireDegree(a, 2, "relinearisation");
        KeySwitchKey key = keys.relinearization(a.level());
        return make(switcher.switchKey(a.part(2), key, a.part(0), a.part(1), null), a.scale());
    }

    /** Relinearises and rescales with one division and one rounding: cheaper and a little more exact than one by one. */
    public Ciphertext relinearizeRescale(Ciphertext a) {
        return relinearizeRescale(a, 1);
    }

    /**
     * Relinearises and divides by the level's last one or two primes, with one rounding: a product that was not rescaled
     * before it was multiplied makes up for it here.
     *
     * @param levels primes to divide by, 1 or 2
     * @throws LevelExhaustedException when the level has no more than these primes
     */
    public Ciphertext relinearizeRescale(Ciphertext a, int levels) {
        check(a);
        if (levels < 1 || levels > 2) {
            throw new IllegalArgumentException("levels=" + levels + ": must be 1 or 2");
        }
        if (a.degree() == 1) {
            Ciphertext once = rescale(a);
            return levels == 1 ? once : rescaleInPlace(once);
        }
        requireDegree(a, 2, "relinearisation");
        Rescaling.requireRescalable(a);
        KeySwitchKey key = keys.relinearization(a.level());
        RnsPoly[] parts = switcher.switchKeyRescale(a.part(2), key, a.part(0), a.part(1), levels);
        return make(parts, rescaling.scaleBelow(a, levels));
    }

    /** relinearize and rescale of a b. */
    public Ciphertext multiplyRelinRescale(Ciphertext a, Ciphertext b) {
        Rescaling.requireRescalable(a);
        Rescaling.requireRescalable(b);
        return relinearizeRescale(a == b ? square(a) : multiply(a, b));
    }

    /**
     * Divides by the level's last prime, rounding: level and scale go down, what is encoded stays.
     *
     * @throws LevelExhaustedException at level 0
     */
    public Ciphertext rescale(Ciphertext a) {
        return rescaling.rescale(a);
    }

    /**
     * As {@link #rescale}, but overwrites the residues of a: from then on each use of a, and of any ciphertext that shares its
     * residues ({@link #dropLevel}), is an IllegalStateException.
     */
    public Ciphertext rescaleInPlace(Ciphertext a) {
        return rescaling.rescaleInPlace(a);
    }

    /**
     * The same at a lower level: shares limbs with a, costs nothing.
     *
     * @throws LevelExhaustedException when the level is above a's
     */
    public Ciphertext dropLevel(Ciphertext a, int level) {
        check(a);
        return a.atLevel(level);
    }

    /**
     * Brings a to a level and a scale without changing what is encoded: multiplies by an integer that stands for 1 at the
     * level above and rescales. Costs one level unless level and scale are right already. The relative error of the scale
     * is at most 2^-31.
     *
     * @throws LevelExhaustedException when a is not above the level (or at it with the right scale)
     * @throws ScaleMismatchException when the factor would be below 2^30, too coarse
     */
    public Ciphertext alignTo(Ciphertext a, int level, double scale) {
        return rescaling.alignTo(a, level, scale);
    }

    /**
     * Shifts the slots cyclically to the left: slot j gets what slot j + steps had.
     *
     * @param a of degree 1
     * @param steps any number, negative to the right; 0 modulo N/2 returns a
     * @throws org.veil4j.he.rlwe.MissingEvaluationKeyException when there is no key for the rotation
     */
    public Ciphertext rotate(Ciphertext a, int steps) {
        check(a);
        requireDegree(a, 1, "rotation");
        if (Math.floorMod(steps, parameters.n() / 2) == 0) {
            return a;
        }
        KeySwitchKey key = keys.rotation(steps, a.level());
        return galois(a, key, Galois.rotation(parameters.logN(), steps));
    }

    /**
     * Conjugates every slot.
     *
     * @param a of degree 1
     * @throws org.veil4j.he.rlwe.MissingEvaluationKeyException when there is no conjugation key
     */
    public Ciphertext conjugate(Ciphertext a) {
        check(a);
        requireDegree(a, 1, "conjugation");
        return galois(a, keys.conjugation(a.level()), Galois.conjugation(parameters.logN()));
    }

    private Ciphertext galois(Ciphertext a, KeySwitchKey key, Galois galois) {
        return make(switcher.switchKey(a.part(1), key, a.part(0), null, galois), a.scale());
    }

    /**
     * Several rotations of one ciphertext that share its decomposition (hoisting): results equal those of {@link #rotate}.
     *
     * @param a of degree 1
     * @param steps as for rotate
     * @return one result for each of the steps
     */
    public Ciphertext[] rotateAll(Ciphertext a, int[] steps) {
        check(a);
        requireDegree(a, 1, "rotation");
        Ciphertext[] results = new Ciphertext[steps.length];
        int slots = parameters.n() / 2;
        List<Integer> rotations = new ArrayList<>();
        for (int i = 0; i < steps.length; i++) {
            if (Math.floorMod(steps[i], slots) == 0) {
                results[i] = a;
            } else {
                rotations.add(steps[i]);
            }
        }
        keys.requireAll(KeyRequest.none().withRotations(rotations, a.level()));
        if (rotations.isEmpty()) {
            return results;
        }
        // Each key is asked for when it is used: they need not all fit in memory.
        keys.prefetch(rotations, a.level());
        try (KeySwitcher.Decomposition digits = switcher.decompose(a.part(1))) {
            for (int i = 0; i < steps.length; i++) {
                if (results[i] == null) {
                    Galois galois = Galois.rotation(parameters.logN(), steps[i]);
                    KeySwitchKey key = keys.rotation(steps[i], a.level());
                    results[i] = make(switcher.switchKey(digits, key, a.part(0), null, galois), a.scale());
                }
            }
        }
        return results;
    }

    @Override
    public String toString() {
        return "CkksEvaluator[" + Arrays.asList(parameters, keys) + "]";
    }
}
