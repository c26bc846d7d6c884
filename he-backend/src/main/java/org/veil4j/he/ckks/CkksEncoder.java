package org.veil4j.he.ckks;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.rlwe.Plaintext;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Encodes vectors of up to N/2 real or complex numbers as plaintexts and back, by the canonical embedding. Immutable and
 * shareable. Error of encoding, a slot: rounding of the coefficients, about sqrt(N/12) / scale, and that of double
 * arithmetic, about 2^-50 times the largest value.
 */
public final class CkksEncoder {
    /** What {@link RnsPoly#setCoefficients(double[])} takes. */
    private static final double MAX_DIRECT = 0x1p101;

    private static final int PIECE_BITS = 80;

    private final RlweParameters parameters;
    private final SpecialFft fft;
    private final CrtDecoder crt;
    private final int slots;

    /** An encoder. Tables are shared between encoders of the same N. */
    public CkksEncoder(RlweParameters parameters) {
        this.parameters = parameters;
        this.fft = SpecialFft.of(parameters.logN());
        this.crt = new CrtDecoder(parameters);
        this.slots = parameters.n() / 2;
    }

    /** The parameters. */
    public RlweParameters parameters() {
        return parameters;
    }

    /** Number of slots, N/2. */
    public int slots() {
        return slots;
    }

    /**
     * Encodes real numbers.
     *
     * @param values at most N/2 finite numbers for the first slots; the others get 0
     * @param level level of the plaintext
     * @param scale what the numbers are multiplied by before rounding; finite and positive
     * @throws IllegalArgumentException when a number is not finite, there are too many, or the scaled numbers do not fit
     *     the level
     */
    public Plaintext encode(double[] values, int level, double scale) {
        return encode(values, new double[0], level, scale);
    }

    /**
     * Encodes complex numbers.
     *
     * @param re real parts, as above
     * @param im imaginary parts; may be of another length
     */
    public Plaintext encode(double[] re, double[] im, int level, double scale) {
        parameters.requireLevel(level);
        double[] c = integers(re, im, scale);
        double max = 0;
        for (double v : c) {
            max = Math.max(max, Math.abs(v));
        }
        requireFits(parameters, max, level, scale);
        RnsPoly poly = reduced(c, max, parameters.qAt(level));
        poly.toNtt();
        return new Plaintext(parameters, poly, scale);
    }

    /**
     * The coefficients of the polynomial that {@link #encode(double[], int, double)} reduces and transforms: for factors that are
     * kept small, see {@link org.veil4j.he.rlwe.PlainDiagonal}.
     *
     * @param values at most N/2 finite numbers for the first slots; the others get 0
     * @param scale finite and positive
     * @return N integers, none larger than the largest value times the scale, but for rounding
     * @throws IllegalArgumentException when a number is not finite or there are too many
     */
    public double[] encodeCoefficients(double[] values, double scale) {
        return integers(values, new double[0], scale);
    }

    private double[] integers(double[] re, double[] im, double scale) {
        requireScale(scale);
        double[] x = padded(re, "values");
        double[] y = padded(im, "im");
        fft.fromSlots(x, y);
        double factor = scale / slots;
        double[] c = new double[2 * slots];
        for (int i = 0; i < slots; i++) {
            c[i] = Math.rint(x[i] * factor) + 0.0;
            c[i + slots] = Math.rint(y[i] * factor) + 0.0;
        }
        return c;
    }

    private static void requireScale(double scale) {
        if (!(scale > 0) || Double.isInfinite(scale)) {
            throw new IllegalArgumentException("scale=" + scale + ": must be finite and positive");
        }
    }

    private double[] padded(double[] values, String name) {
        if (values.length > slots) {
            throw new IllegalArgumentException(name + ".length=" + values.length + ": must be at most N/2=" + slots
                    + "; split it over several plaintexts");
        }
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new IllegalArgumentException(name + "[" + i + "]=" + values[i] + ": must be finite");
            }
        }
        return Arrays.copyOf(values, slots);
    }

    /** Checks that an integer of a magnitude has a place below half of a level's modulus. */
    static void requireFits(RlweParameters parameters, double max, int level, double scale) {
        double log = Math.log(max) / Math.log(2);
        double room = parameters.qAt(level).logProduct() - 1;
        if (!(log < room)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "values: a coefficient of 2^%.1f at scale 2^%.1f must be below Q/2=2^%.1f at level %d; use a smaller"
                            + " scale or a higher level",
                    log,
                    Math.log(scale) / Math.log(2),
                    room,
                    level));
        }
    }

    /** Reduces integer-valued doubles of any size exactly: those that are too large in pieces of 80 bits. */
    private static RnsPoly reduced(double[] c, double max, RnsBasis basis) {
        RnsPoly poly = RnsPoly.zero(basis, false);
        if (max <= MAX_DIRECT) {
            poly.setCoefficients(c);
            return poly;
        }
        double[] high = new double[c.length];
        for (int i = 0; i < c.length; i++) {
            high[i] = Math.rint(Math.scalb(c[i], -PIECE_BITS));
            c[i] -= Math.scalb(high[i], PIECE_BITS);
        }
        poly.setCoefficients(c);
        poly.multiplyScalarAccumulate(reduced(high, Math.scalb(max, -PIECE_BITS), basis), pieceFactors(basis));
        return poly;
    }

    private static long[] pieceFactors(RnsBasis basis) {
        long[] factors = new long[basis.size()];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = basis.modulus(i).pow(2, PIECE_BITS);
        }
        return factors;
    }

    /**
     * Encodes one number into every slot: the constant polynomial round(value scale), exactly, with no transform.
     *
     * @param value finite
     * @throws IllegalArgumentException when the scaled number does not fit the level
     */
    public Plaintext encodeConstant(double value, int level, double scale) {
        parameters.requireLevel(level);
        requireScale(scale);
        BigInteger integer = scaled(value, scale);
        requireFits(parameters, Math.abs(integer.doubleValue()), level, scale);
        RnsBasis basis = parameters.qAt(level);
        RnsPoly poly = RnsPoly.zero(basis, true);
        for (int i = 0; i < basis.size(); i++) {
            Arrays.fill(poly.limb(i), (double) basis.modulus(i).center(integer));
        }
        return new Plaintext(parameters, poly, scale);
    }

    /** round(value scale), exactly, ties to even. */
    static BigInteger scaled(double value, double scale) {
        requireScale(scale);
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("value=" + value + ": must be finite");
        }
        double product = value * scale;
        if (Math.abs(product) < 0x1p52) {
            double rounded = Math.rint(product);
            if (Math.abs(product - rounded) < 0.49) {
                return BigInteger.valueOf((long) rounded);
            }
        }
        return new BigDecimal(value)
                .multiply(new BigDecimal(scale))
                .setScale(0, java.math.RoundingMode.HALF_EVEN)
                .toBigIntegerExact();
    }

    /**
     * Decodes.
     *
     * @param plaintext of any level
     * @param re receives the real parts of the first slots; at most N/2
     * @param im receives the imaginary parts; null when they are not wanted
     * @throws org.veil4j.he.rlwe.ParameterMismatchException when the plaintext belongs to other parameters
     */
    public void decode(Plaintext plaintext, double[] re, double @Nullable [] im) {
        parameters.requireSame("plaintext", plaintext.parameters());
        if (re.length > slots || (im != null && im.length > slots)) {
            throw new IllegalArgumentException(
                    "length=" + Math.max(re.length, im == null ? 0 : im.length) + ": must be at most N/2=" + slots);
        }
        double[] c = crt.coefficients(plaintext);
        double[] x = new double[slots];
        double[] y = new double[slots];
        double factor = 1 / plaintext.scale();
        for (int i = 0; i < slots; i++) {
            x[i] = c[i] * factor;
            y[i] = c[i + slots] * factor;
        }
        fft.toSlots(x, y);
        System.arraycopy(x, 0, re, 0, re.length);
        if (im != null) {
            System.arraycopy(y, 0, im, 0, im.length);
        }
    }

    /** Decodes the real parts of all N/2 slots. */
    public double[] decode(Plaintext plaintext) {
        double[] re = new double[slots];
        decode(plaintext, re, null);
        return re;
    }
}
