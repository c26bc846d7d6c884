package org.veil4j.he.ckks;

import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.rlwe.LevelExhaustedException;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Bounds the error of what decrypts, operation by operation, without a ciphertext. Immutable.
 *
 * <p>A polynomial with N independent coefficients of standard deviation t has, at a slot, a complex Gaussian value of
 * variance N t^2: beyond 6 standard deviations with probability e^-36. A product of two such values is beyond 18 of their
 * standard deviations with probability about e^-36. The secret's own values are taken as at most 6 standard deviations. These
 * bounds on what one operation adds are combined by the triangle inequality, so that correlated operands do no harm; a sum
 * of many independent errors is overestimated accordingly, by about the square root of their number. Measured slack of the
 * bound over the largest error in any slot: 1 to 3 bits for single operations, up to 5.5 bits for random circuits of five
 * levels. Probabilities are heuristic: errors are modelled as independent. Errors are absolute, on decoded values.
 *
 * <p>Roundings of the coefficients of one encoded vector are not independent where these hardly differ: a mask with a single
 * one at a scale below about N^2/12. That is bounded too, provided that the magnitude given is about that of the largest
 * value, not far above.
 *
 * <p>A value whose magnitude times scale does not fit the level's modulus decrypts to anything: its error is infinite.
 */
public final class NoiseEstimator {
    /** Standard deviations that bound a complex Gaussian. */
    private static final double TAIL = 6;
    /** Standard deviations that bound a product of two. */
    private static final double PRODUCT_TAIL = 18;

    /**
     * What is known of a ciphertext.
     *
     * @param level its level
     * @param scale its scale
     * @param degree its degree
     * @param magnitude bound on the absolute values encoded
     * @param error bound on the absolute error of the decrypted values
     */
    public record Bound(int level, double scale, int degree, double magnitude, double error) {
        /** Bits behind the binary point that are right. */
        public double bits() {
            return -Math.log(error) / Math.log(2);
        }
    }

    /** Relative error of decoding at a magnitude, with the square root of N. */
    private static final double DOUBLE_ARITHMETIC = 0x1p-50;

    private final RlweParameters parameters;
    private final double n;
    /** Bound on the values of the secret at the slots. */
    private final double secret;

    /** An estimator for a parameter set. */
    public NoiseEstimator(RlweParameters parameters) {
        this.parameters = parameters;
        this.n = parameters.n();
        this.secret = TAIL * Math.sqrt(2 * n / 3);
    }

    /**
     * Error of encoding: rounding of coefficients, and of double arithmetic at a magnitude.
     *
     * <p>The rounding error of the coefficients A cos(j k pi/N) of a single slot, A = 2 scale magnitude / N, has harmonics
     * N J_l(2 pi m A) / (pi m), which for l next to 2 pi A fall as slowly as A^(-1/3). No rounding exceeds N/2 at a slot.
     */
    private double encoding(double scale, double magnitude) {
        double slot = n / 2 / Math.cbrt(1 + 4 * Math.PI * scale * magnitude / n);
        double rounding = Math.min(n / 2, TAIL * Math.sqrt(n / 12) + slot);
        return rounding / scale + arithmetic(magnitude);
    }

    private double arithmetic(double magnitude) {
        return magnitude * DOUBLE_ARITHMETIC * Math.sqrt(n);
    }

    /** The bound, or one with an infinite error when coefficients may exceed half of the modulus. */
    private Bound fitting(int level, double scale, int degree, double magnitude, double error) {
        double log = (Math.log(magnitude + error) + Math.log(scale)) / Math.log(2);
        boolean fits = !(log >= parameters.qAt(level).logProduct() - 1);
        boolean known = magnitude + error < Double.POSITIVE_INFINITY;
        return new Bound(level, scale, degree, magnitude, fits && known ? error : Double.POSITIVE_INFINITY);
    }

    /**
     * A symmetric encryption.
     *
     * @param magnitude bound on the absolute values
     */
    public Bound fresh(int level, double scale, double magnitude) {
        double noise = TAIL * Math.sqrt(n) * parameters.errorStdDev();
        return fitting(level, scale, 1, magnitude, noise / scale + encoding(scale, magnitude));
    }

    /** A public-key encryption. */
    public Bound freshPublic(int level, double scale, double magnitude) {
        double sigma = parameters.errorStdDev();
        double noise = TAIL * Math.sqrt(n) * sigma + 2 * PRODUCT_TAIL * Math.sqrt(n) * sigma * Math.sqrt(2 * n / 3);
        return fitting(level, scale, 1, magnitude, noise / scale + encoding(scale, magnitude));
    }

    /** A sum or difference. */
    public Bound add(Bound a, Bound b) {
        double tolerance = Math.abs(a.scale() - b.scale()) / a.scale() * (b.magnitude() + b.error());
        return fitting(
                Math.min(a.level(), b.level()),
                a.scale(),
                Math.max(a.degree(), b.degree()),
                a.magnitude() + b.magnitude(),
                a.error() + b.error() + tolerance);
    }

    /** A sum with a constant. */
    public Bound addConstant(Bound a, double value) {
        double magnitude = a.magnitude() + Math.abs(value);
        double added = 0.5 / a.scale() + arithmetic(Math.abs(value));
        return fitting(a.level(), a.scale(), a.degree(), magnitude, a.error() + added);
    }

    /** A product of ciphertexts, not relinearised. */
    public Bound multiply(Bound a, Bound b) {
        return fitting(
                Math.min(a.level(), b.level()),
                a.scale() * b.scale(),
                a.degree() + b.degree(),
                a.magnitude() * b.magnitude(),
                a.magnitude() * b.error() + b.magnitude() * a.error() + a.error() * b.error());
    }

    /**
     * A product with an encoded plaintext.
     *
     * @param scale the plaintext's scale
     * @param magnitude bound on the plaintext's values
     */
    public Bound multiplyPlain(Bound a, double scale, double magnitude) {
        return multiply(a, new Bound(a.level(), scale, 0, magnitude, encoding(scale, magnitude)));
    }

    /** A product with a number rounded to a multiple of 1/scale. */
    public Bound multiplyScalar(Bound a, double value, double scale) {
        double product = Math.abs(value) * scale;
        double rounding = Math.min(0.5, Math.abs(product - Math.rint(product)) + product * 0x1p-52);
        return multiply(a, new Bound(a.level(), scale, 0, Math.abs(value), rounding / scale));
    }

    /** Relinearisation of degree 2. */
    public Bound relinearize(Bound a) {
        return fitting(a.level(), a.scale(), 1, a.magnitude(), a.error() + keySwitch(a.level()) / a.scale());
    }

    /** A rotation or conjugation. */
    public Bound rotate(Bound a) {
        return fitting(a.level(), a.scale(), a.degree(), a.magnitude(), a.error() + keySwitch(a.level()) / a.scale());
    }

    /**
     * A rescale.
     *
     * @throws LevelExhaustedException at level 0
     */
    public Bound rescale(Bound a) {
        if (a.level() == 0) {
            throw new LevelExhaustedException(
                    "level=0: a rescale needs a level above 0; use parameters with more ciphertext primes");
        }
        double scale = a.scale() / parameters.q().modulus(a.level()).p();
        return fitting(a.level() - 1, scale, a.degree(), a.magnitude(), a.error() + rounding(a.degree()) / scale);
    }

    /**
     * The same at a lower level.
     *
     * @throws LevelExhaustedException when the level is above a's or negative
     */
    public Bound dropLevel(Bound a, int level) {
        if (level < 0 || level > a.level()) {
            throw new LevelExhaustedException("level=" + level + ": must be 0 to the bound's level " + a.level());
        }
        return fitting(level, a.scale(), a.degree(), a.magnitude(), a.error());
    }

    /**
     * The same at another level and scale, as {@link CkksEvaluator#alignTo} brings it there.
     *
     * @throws LevelExhaustedException when a is not above the level (or at it with the right scale)
     */
    public Bound alignTo(Bound a, int level, double scale) {
        if (a.level() >= level && Math.abs(a.scale() - scale) <= CkksEvaluator.SCALE_TOLERANCE * scale) {
            double ratio = a.scale() / scale;
            double error = dropLevel(a, level).error() * ratio + a.magnitude() * Math.abs(ratio - 1);
            return fitting(level, scale, a.degree(), a.magnitude(), error);
        }
        if (a.level() <= level) {
            throw new LevelExhaustedException("level=" + a.level() + ": must be above " + level
                    + " to change the scale; align before the last rescale");
        }
        double factor = scale * parameters.q().modulus(level + 1).p() / a.scale();
        Bound result = rescale(multiplyScalar(dropLevel(a, level + 1), 1, factor));
        return fitting(level, scale, a.degree(), a.magnitude(), result.error());
    }

    /** Relinearisation and rescale in one; bounded as if they were two. */
    public Bound relinearizeRescale(Bound a) {
        return rescale(a.degree() == 2 ? relinearize(a) : a);
    }

    /** The slot value of one rounding a part: part i times s^i. */
    private double rounding(int degree) {
        double part = Math.sqrt(n / 12);
        double sum = TAIL * part + PRODUCT_TAIL * part * Math.sqrt(2 * n / 3);
        double power = secret;
        for (int i = 2; i <= degree; i++) {
            power *= secret;
            sum += TAIL * part * power;
        }
        return sum;
    }

    /** The slot value of a key switch: each digit times an error, divided by P, and one rounding of two parts. */
    private double keySwitch(int level) {
        double logP = parameters.p().logProduct();
        double sum = 0;
        RnsBasis q = parameters.qAt(level);
        for (int from = 0; from <= level; from += parameters.digitSize()) {
            int to = Math.min(level + 1, from + parameters.digitSize());
            double digit = Math.pow(2, q.subBasis(from, to).logProduct() - logP) * Math.sqrt(n / 12);
            sum += PRODUCT_TAIL * digit * Math.sqrt(n) * parameters.errorStdDev();
        }
        return sum + rounding(1);
    }
}
