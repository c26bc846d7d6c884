package org.veil4j.he.circuit;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.veil4j.he.ckks.NoiseEstimator;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Runs a circuit without ciphertexts to learn how large values become and how far off they will be. Values are known by
 * interval arithmetic and by the bounds of {@link NoiseEstimator}, for any input within a range; and by samples, one a slot,
 * that run through the circuit twice: exactly, and with rounded weights and Gaussian noise. The noise of an operation has a
 * sixth of the estimator's bound as standard deviation: at least what the operation adds.
 *
 * <p>A value wraps around, and is lost, where its product with its scale leaves half of the modulus at its level.
 * {@link #take} tells how close that came. Samples and intervals stand for any slot, so circuits must treat every slot alike;
 * {@link SlotRangeAlgebra} is for others.
 * Noise depends on the order of operations: run it on one thread to repeat a result.
 */
public class RangeAlgebra implements SlotwiseAlgebra<RangedSlots> {
    /** Standard deviations that the estimator's bounds cover. */
    static final double TAIL = 6;

    final RlweParameters parameters;
    final NoiseEstimator noise;
    final SplittableRandom random;
    private Extremes extremes = Extremes.NONE;

    /**
     * How large values became, and how near to what the modulus holds, in bits: log2 of capacity over magnitude. Negative:
     * beyond it.
     *
     * @param largestPossible for any input within its range, errors included
     * @param possibleHeadroomBits likewise; negative infinity where nothing bounds the value
     * @param largestMeasured over the samples; 0 without samples
     * @param measuredHeadroomBits likewise; infinity without samples
     */
    public record Extremes(
            double largestPossible, double possibleHeadroomBits, double largestMeasured, double measuredHeadroomBits) {
        /** Of no values. */
        public static final Extremes NONE = new Extremes(0, Double.POSITIVE_INFINITY, 0, Double.POSITIVE_INFINITY);

        /** Of these and other values. */
        public Extremes and(Extremes other) {
            return new Extremes(
                    Math.max(largestPossible, other.largestPossible),
                    Math.min(possibleHeadroomBits, other.possibleHeadroomBits),
                    Math.max(largestMeasured, other.largestMeasured),
                    Math.min(measuredHeadroomBits, other.measuredHeadroomBits));
        }
    }

    /**
     * An interpretation for the given parameters.
     *
     * @param seed of the simulated noise
     */
    public RangeAlgebra(RlweParameters parameters, long seed) {
        this.parameters = parameters;
        this.noise = new NoiseEstimator(parameters);
        this.random = new SplittableRandom(seed);
    }

    /**
     * A fresh symmetric encryption.
     *
     * @param low the least value that it may have
     * @param high the largest
     * @param samples values, one a slot; as many for all inputs, may be none; copied
     */
    public RangedSlots fresh(int level, double scale, double low, double high, double[] samples) {
        double magnitude = Math.max(Math.abs(low), Math.abs(high));
        double error = noise.fresh(level, scale, magnitude > 0 && magnitude < Double.POSITIVE_INFINITY ? magnitude : 1)
                .error();
        return recorded(new RangedSlots(
                level,
                scale,
                1,
                new double[] {low},
                new double[] {high},
                error,
                samples.clone(),
                noisy(samples.clone(), error)));
    }

    /** The largest value that a level and a scale can hold. */
    public double capacity(int level, double scale) {
        return Math.pow(2, parameters.qAt(level).logProduct() - 1) / scale;
    }

    /** The extremes of all results since the last call. */
    public synchronized Extremes take() {
        Extremes taken = extremes;
        extremes = Extremes.NONE;
        return taken;
    }

    RangedSlots recorded(RangedSlots a) {
        double capacity = capacity(a.level, a.scale);
        double possible = a.magnitude() + a.error;
        double measured = a.measured();
        Extremes here = new Extremes(possible, bits(capacity, possible), measured, bits(capacity, measured));
        synchronized (this) {
            extremes = extremes.and(here);
        }
        return a;
    }

    private static double bits(double capacity, double magnitude) {
        return Math.log(capacity / magnitude) / Math.log(2);
    }

    /** Adds noise to an array that nobody else has. */
    synchronized double[] noisy(double[] values, double bound) {
        double deviation = bound / TAIL;
        for (int i = 0; i < values.length; i++) {
            values[i] += deviation * random.nextGaussian();
        }
        return values;
    }

    /** What an operation does to a value of zero is what it adds to any. */
    static NoiseEstimator.Bound zero(RangedSlots a) {
        return new NoiseEstimator.Bound(a.level, a.scale, a.degree, 0, 0);
    }

    static RangedSlots with(RangedSlots a, NoiseEstimator.Bound after, double[] noisy) {
        return new RangedSlots(
                after.level(), after.scale(), after.degree(), a.low, a.high, a.error + after.error(), a.exact, noisy);
    }

    @Override
    public int slots() {
        return parameters.n() / 2;
    }

    @Override
    public int level(RangedSlots a) {
        return a.level;
    }

    @Override
    public double scale(RangedSlots a) {
        return a.scale;
    }

    @Override
    public double rescaledScale(int level, double scale) {
        return scale / parameters.q().modulus(level).p();
    }

    @Override
    public RangedSlots add(RangedSlots a, RangedSlots b) {
        requireSameLevel(a, b);
        if (Math.abs(a.scale - b.scale) > a.scale * 0x1p-30) {
            throw new IllegalArgumentException("scales " + a.scale + " and " + b.scale + ": must be equal");
        }
        return recorded(new RangedSlots(
                a.level,
                a.scale,
                Math.max(a.degree, b.degree),
                sum(a.low, b.low),
                sum(a.high, b.high),
                a.error + b.error,
                sum(a.exact, b.exact),
                sum(a.noisy, b.noisy)));
    }

    private static void requireSameLevel(RangedSlots a, RangedSlots b) {
        if (a.level != b.level) {
            throw new IllegalArgumentException("levels " + a.level + " and " + b.level + ": must be equal");
        }
    }

    static double[] sum(double[] a, double[] b) {
        double[] r = a.clone();
        for (int i = 0; i < r.length; i++) {
            r[i] += b[i];
        }
        return r;
    }

    private static double[] times(double[] a, double factor) {
        double[] r = a.clone();
        for (int i = 0; i < r.length; i++) {
            r[i] *= factor;
        }
        return r;
    }

    private static double[] plus(double[] a, double term) {
        double[] r = a.clone();
        for (int i = 0; i < r.length; i++) {
            r[i] += term;
        }
        return r;
    }

    @Override
    public RangedSlots subtract(RangedSlots a, RangedSlots b) {
        return add(a, negate(b));
    }

    @Override
    public RangedSlots negate(RangedSlots a) {
        return new RangedSlots(
                a.level,
                a.scale,
                a.degree,
                times(a.high, -1),
                times(a.low, -1),
                a.error,
                times(a.exact, -1),
                times(a.noisy, -1));
    }

    @Override
    public RangedSlots addConstant(RangedSlots a, double value) {
        double rounded = Math.rint(value * a.scale) / a.scale;
        return recorded(new RangedSlots(
                a.level,
                a.scale,
                a.degree,
                plus(a.low, value),
                plus(a.high, value),
                a.error + Math.abs(rounded - value),
                plus(a.exact, value),
                plus(a.noisy, rounded)));
    }

    @Override
    public RangedSlots multiplyScalar(RangedSlots a, double value, double weightScale) {
        SparseMatrix one = SparseMatrix.diagonal(new double[] {value});
        return linearMap(one, new double[] {weightScale}, List.of(a)).get(0);
    }

    @Override
    public RangedSlots multiply(RangedSlots a, RangedSlots b) {
        return sumOfProducts(List.of(a), List.of(b));
    }

    @Override
    public RangedSlots sumOfSquares(List<RangedSlots> a) {
        return sumOfProducts(a, a);
    }

    @Override
    public RangedSlots sumOfProducts(List<RangedSlots> a, List<RangedSlots> b) {
        RangedSlots first = a.get(0);
        double[] low = new double[first.low.length];
        double[] high = new double[low.length];
        double error = 0;
        double[] exact = new double[first.exact.length];
        double[] noisy = new double[exact.length];
        for (int i = 0; i < a.size(); i++) {
            RangedSlots x = a.get(i);
            RangedSlots y = b.get(i);
            requireSameLevel(x, y);
            requireSameLevel(first, x);
            if (x.degree != 1 || y.degree != 1) {
                throw new IllegalArgumentException("degree 2 factor: relinearise before multiplying");
            }
            addProduct(low, high, x, y);
            error += x.magnitude() * y.error + y.magnitude() * x.error + x.error * y.error;
            for (int j = 0; j < exact.length; j++) {
                exact[j] += x.exact[j] * y.exact[j];
                noisy[j] += x.noisy[j] * y.noisy[j];
            }
        }
        return recorded(new RangedSlots(first.level, first.scale * b.get(0).scale, 2, low, high, error, exact, noisy));
    }

    private static void addProduct(double[] low, double[] high, RangedSlots x, RangedSlots y) {
        for (int t = 0; t < low.length; t++) {
            if (x == y) {
                double largest = x.magnitude(t);
                boolean crosses = x.low[t] <= 0 && x.high[t] >= 0;
                double least = crosses ? 0 : Math.min(Math.abs(x.low[t]), Math.abs(x.high[t]));
                low[t] += least * least;
                high[t] += largest * largest;
            } else {
                double a = x.low[t] * y.low[t];
                double b = x.low[t] * y.high[t];
                double c = x.high[t] * y.low[t];
                double d = x.high[t] * y.high[t];
                low[t] += Math.min(Math.min(a, b), Math.min(c, d));
                high[t] += Math.max(Math.max(a, b), Math.max(c, d));
            }
        }
    }

    @Override
    public RangedSlots relinearize(RangedSlots a) {
        if (a.degree == 1) {
            return a;
        }
        NoiseEstimator.Bound after = noise.relinearize(zero(a));
        return with(a, after, noisy(a.noisy.clone(), after.error()));
    }

    @Override
    public RangedSlots rescale(RangedSlots a) {
        NoiseEstimator.Bound after = noise.rescale(zero(a));
        return recorded(with(a, after, noisy(a.noisy.clone(), after.error())));
    }

    @Override
    public RangedSlots relinearizeRescale(RangedSlots a, int levels) {
        RangedSlots once = rescale(relinearize(a));
        return levels == 1 ? once : rescale(once);
    }

    @Override
    public RangedSlots dropToLevel(RangedSlots a, int level) {
        if (level > a.level || level < 0) {
            throw new IllegalArgumentException("level=" + level + ": must be between 0 and " + a.level);
        }
        return level == a.level
                ? a
                : recorded(new RangedSlots(level, a.scale, a.degree, a.low, a.high, a.error, a.exact, a.noisy));
    }

    @Override
    public RangedSlots withScale(RangedSlots a, double scale) {
        if (!(scale > 0) || Double.isInfinite(scale)) {
            throw new IllegalArgumentException("scale=" + scale + ": must be finite and positive");
        }
        double factor = a.scale / scale;
        return new RangedSlots(
                a.level,
                scale,
                a.degree,
                times(a.low, factor),
                times(a.high, factor),
                a.error * factor,
                times(a.exact, factor),
                times(a.noisy, factor));
    }

    @Override
    public List<RangedSlots> linearMap(SparseMatrix matrix, double[] weightScale, List<RangedSlots> a) {
        double scale = Scalars.productScale(matrix, weightScale, a, x -> x.level, x -> x.degree, x -> x.scale);
        Scalars.round(matrix, weightScale); // refuses what encryption would refuse
        RangedSlots first = a.get(0);
        List<RangedSlots> result = new ArrayList<>(matrix.rows());
        for (int r = 0; r < matrix.rows(); r++) {
            double[] low = new double[first.low.length];
            double[] high = new double[low.length];
            double error = 0;
            double[] exact = new double[first.exact.length];
            double[] noisy = new double[exact.length];
            for (int k = matrix.rowStart(r); k < matrix.rowStart(r + 1); k++) {
                RangedSlots x = a.get(matrix.column(k));
                double s = weightScale[matrix.column(k)];
                double w = matrix.value(k);
                double rounded = Math.rint(w * s) / s;
                for (int t = 0; t < low.length; t++) {
                    low[t] += Math.min(w * x.low[t], w * x.high[t]);
                    high[t] += Math.max(w * x.low[t], w * x.high[t]);
                }
                error += Math.abs(rounded) * x.error + Math.abs(rounded - w) * x.magnitude();
                for (int j = 0; j < exact.length; j++) {
                    exact[j] += w * x.exact[j];
                    noisy[j] += rounded * x.noisy[j];
                }
            }
            result.add(recorded(new RangedSlots(first.level, scale, first.degree, low, high, error, exact, noisy)));
        }
        return result;
    }
}
