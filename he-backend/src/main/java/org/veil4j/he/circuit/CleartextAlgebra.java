package org.veil4j.he.circuit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * The same circuit over plain doubles: weights are rounded as for encryption, scales and levels are tracked and misuse
 * is refused alike, but nothing is noisy. What differs between this and the encrypted run is the encryption's doing;
 * what differs between this and the network's own output is the compiler's.
 */
public final class CleartextAlgebra implements SlotAlgebra<ClearSlots> {
    private final int slots;
    private final double[] primes;

    /**
     * An interpretation of vectors of the given length.
     *
     * @param slots numbers a value holds
     * @param primes the modulus chain, index = level; only scales depend on it
     */
    public CleartextAlgebra(int slots, double[] primes) {
        this.slots = slots;
        this.primes = primes.clone();
    }

    /**
     * An interpretation that keeps the scales which the given parameters would.
     *
     * @param slots numbers a value holds; may be fewer than a ciphertext has
     */
    public static CleartextAlgebra of(int slots, RlweParameters parameters) {
        return new CleartextAlgebra(slots, Scalars.primes(parameters));
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public int level(ClearSlots a) {
        return a.level;
    }

    @Override
    public double scale(ClearSlots a) {
        return a.scale;
    }

    @Override
    public double rescaledScale(int level, double scale) {
        return scale / primes[level];
    }

    @Override
    public ClearSlots add(ClearSlots a, ClearSlots b) {
        return sum(a, b, Double::sum);
    }

    @Override
    public ClearSlots subtract(ClearSlots a, ClearSlots b) {
        return sum(a, b, (x, y) -> x - y);
    }

    private static ClearSlots sum(ClearSlots a, ClearSlots b, DoubleBinaryOperator op) {
        requireSameLevel(a, b);
        if (Math.abs(a.scale - b.scale) > a.scale * 0x1p-30) {
            throw new IllegalArgumentException("scales " + a.scale + " and " + b.scale + ": must be equal");
        }
        return new ClearSlots(zip(a.values, b.values, op), a.level, a.scale, Math.max(a.degree, b.degree));
    }

    private static void requireSameLevel(ClearSlots a, ClearSlots b) {
        if (a.level != b.level) {
            throw new IllegalArgumentException("levels " + a.level + " and " + b.level + ": must be equal");
        }
    }

    private static double[] zip(double[] a, double[] b, DoubleBinaryOperator op) {
        double[] r = new double[a.length];
        for (int i = 0; i < r.length; i++) {
            r[i] = op.applyAsDouble(a[i], b[i]);
        }
        return r;
    }

    private static double[] map(double[] a, DoubleUnaryOperator op) {
        double[] r = new double[a.length];
        for (int i = 0; i < r.length; i++) {
            r[i] = op.applyAsDouble(a[i]);
        }
        return r;
    }

    @Override
    public ClearSlots negate(ClearSlots a) {
        return new ClearSlots(map(a.values, x -> -x), a.level, a.scale, a.degree);
    }

    @Override
    public ClearSlots addConstant(ClearSlots a, double value) {
        return new ClearSlots(map(a.values, x -> x + value), a.level, a.scale, a.degree);
    }

    @Override
    public ClearSlots multiplyScalar(ClearSlots a, double value, double weightScale) {
        double w = Math.rint(value * weightScale) / weightScale;
        return new ClearSlots(map(a.values, x -> x * w), a.level, a.scale * weightScale, a.degree);
    }

    @Override
    public PreparedPlain prepare(double[] values, int level, double scale) {
        PreparedPlain.requireLength(values, slots);
        return new ClearPlain(Arrays.copyOf(values, slots), level, scale);
    }

    /** As by plain factors. */
    @Override
    public PreparedTransform<ClearSlots> prepare(
            SecretTransform transform, int level, double[] inputScales, double resultScale) {
        return prepare(transform.numbers(), level, inputScales, resultScale);
    }

    @Override
    public ClearSlots addSecret(ClearSlots a, SecretVector vector) {
        return addPlain(a, prepare(vector.numbers(), a.level, a.scale));
    }

    @Override
    public ClearSlots multiplyPlain(ClearSlots a, PreparedPlain plain) {
        ClearPlain b = PreparedPlain.require(ClearPlain.class, plain, a.level);
        return new ClearSlots(zip(a.values, b.values, (x, y) -> x * y), a.level, a.scale * b.scale(), a.degree);
    }

    @Override
    public ClearSlots addPlain(ClearSlots a, PreparedPlain plain) {
        ClearPlain b = PreparedPlain.require(ClearPlain.class, plain, a.level);
        b.requireScale(a.scale);
        return new ClearSlots(zip(a.values, b.values, Double::sum), a.level, a.scale, a.degree);
    }

    @Override
    public ClearSlots multiply(ClearSlots a, ClearSlots b) {
        return sumOfProducts(List.of(a), List.of(b));
    }

    @Override
    public ClearSlots sumOfSquares(List<ClearSlots> a) {
        return sumOfProducts(a, a);
    }

    @Override
    public ClearSlots sumOfProducts(List<ClearSlots> a, List<ClearSlots> b) {
        double[] sum = new double[slots];
        double scale = a.get(0).scale * b.get(0).scale;
        for (int i = 0; i < a.size(); i++) {
            ClearSlots x = a.get(i);
            ClearSlots y = b.get(i);
            requireSameLevel(x, y);
            requireSameLevel(a.get(0), x);
            if (x.degree != 1 || y.degree != 1) {
                throw new IllegalArgumentException("degree 2 factor: relinearise before multiplying");
            }
            for (int j = 0; j < slots; j++) {
                sum[j] += x.values[j] * y.values[j];
            }
        }
        return new ClearSlots(sum, a.get(0).level, scale, 2);
    }

    @Override
    public ClearSlots relinearize(ClearSlots a) {
        return new ClearSlots(a.values, a.level, a.scale, 1);
    }

    @Override
    public ClearSlots rescale(ClearSlots a) {
        if (a.level == 0) {
            throw new IllegalArgumentException("level=0: nothing left to rescale by");
        }
        return new ClearSlots(a.values, a.level - 1, a.scale / primes[a.level], a.degree);
    }

    @Override
    public ClearSlots relinearizeRescale(ClearSlots a, int levels) {
        ClearSlots once = rescale(relinearize(a));
        return levels == 1 ? once : rescale(once);
    }

    @Override
    public ClearSlots dropToLevel(ClearSlots a, int level) {
        if (level > a.level || level < 0) {
            throw new IllegalArgumentException("level=" + level + ": must be between 0 and " + a.level);
        }
        return new ClearSlots(a.values, level, a.scale, a.degree);
    }

    @Override
    public ClearSlots withScale(ClearSlots a, double scale) {
        double factor = a.scale / requireScale(scale);
        return new ClearSlots(map(a.values, x -> x * factor), a.level, scale, a.degree);
    }

    private static double requireScale(double scale) {
        if (!(scale > 0) || Double.isInfinite(scale)) {
            throw new IllegalArgumentException("scale=" + scale + ": must be finite and positive");
        }
        return scale;
    }

    @Override
    public ClearSlots rotate(ClearSlots a, int steps) {
        double[] r = new double[slots];
        for (int i = 0; i < slots; i++) {
            r[i] = a.values[Math.floorMod(i + steps, slots)];
        }
        return new ClearSlots(r, a.level, a.scale, a.degree);
    }

    @Override
    public List<ClearSlots> rotateAll(ClearSlots a, int[] steps) {
        List<ClearSlots> result = new ArrayList<>();
        for (int s : steps) {
            result.add(rotate(a, s));
        }
        return result;
    }

    @Override
    public ClearSlots conjugate(ClearSlots a) {
        return a;
    }

    @Override
    public List<ClearSlots> linearMap(SparseMatrix matrix, double[] weightScale, List<ClearSlots> a) {
        double scale = Scalars.productScale(matrix, weightScale, a, x -> x.level, x -> x.degree, x -> x.scale);
        Scalars.round(matrix, weightScale); // refuses what encryption would refuse
        ClearSlots first = a.get(0);
        List<ClearSlots> result = new ArrayList<>(matrix.rows());
        for (int r = 0; r < matrix.rows(); r++) {
            double[] sum = new double[slots];
            for (int k = matrix.rowStart(r); k < matrix.rowStart(r + 1); k++) {
                int c = matrix.column(k);
                double w = Math.rint(matrix.value(k) * weightScale[c]) / weightScale[c];
                double[] x = a.get(c).values;
                for (int j = 0; j < slots; j++) {
                    sum[j] += w * x[j];
                }
            }
            result.add(new ClearSlots(sum, first.level, scale, first.degree));
        }
        return result;
    }
}
