package org.veil4j.he.circuit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.veil4j.he.ckks.NoiseEstimator;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Ranges where slots differ from each other: an interval for each slot, and samples of whole vectors. Otherwise as
 * {@link RangeAlgebra}.
 */
public final class SlotRangeAlgebra extends RangeAlgebra implements SlotAlgebra<RangedSlots> {
    private final int slots;
    private final boolean publicKey;

    /**
     * An interpretation for the given parameters.
     *
     * @param seed of the simulated noise
     * @param publicKey whether fresh values are encrypted with a public key, which has more noise
     */
    public SlotRangeAlgebra(RlweParameters parameters, long seed, boolean publicKey) {
        super(parameters, seed);
        this.publicKey = publicKey;
        this.slots = parameters.n() / 2;
    }

    /**
     * A fresh encryption.
     *
     * @param low least value of each slot; copied
     * @param high largest value of each slot; copied
     * @param samples vectors of values; as many for all inputs, may be none
     */
    public RangedSlots fresh(int level, double scale, double[] low, double[] high, double[][] samples) {
        double[] exact = new double[samples.length * slots];
        for (int i = 0; i < samples.length; i++) {
            System.arraycopy(samples[i], 0, exact, i * slots, samples[i].length);
        }
        RangedSlots plain = new RangedSlots(
                level, scale, 1, Arrays.copyOf(low, slots), Arrays.copyOf(high, slots), 0, exact, exact);
        double magnitude = plain.magnitude();
        double finite = magnitude > 0 && magnitude < Double.POSITIVE_INFINITY ? magnitude : 1;
        double error =
                (publicKey ? noise.freshPublic(level, scale, finite) : noise.fresh(level, scale, finite)).error();
        return recorded(
                new RangedSlots(level, scale, 1, plain.low, plain.high, error, exact, noisy(exact.clone(), error)));
    }

    /** Every vector of an array of whole vectors, rotated to the left. */
    private double[] rotated(double[] a, int steps) {
        double[] r = new double[a.length];
        int by = Math.floorMod(steps, slots);
        for (int from = 0; from < a.length; from += slots) {
            System.arraycopy(a, from + by, r, from, slots - by);
            System.arraycopy(a, from, r, from + slots - by, by);
        }
        return r;
    }

    @Override
    public RangedSlots rotate(RangedSlots a, int steps) {
        if (Math.floorMod(steps, slots) == 0) {
            return a;
        }
        NoiseEstimator.Bound after = noise.rotate(zero(a));
        return recorded(new RangedSlots(
                a.level,
                a.scale,
                a.degree,
                rotated(a.low, steps),
                rotated(a.high, steps),
                a.error + after.error(),
                rotated(a.exact, steps),
                noisy(rotated(a.noisy, steps), after.error())));
    }

    @Override
    public List<RangedSlots> rotateAll(RangedSlots a, int[] steps) {
        List<RangedSlots> result = new ArrayList<>();
        for (int s : steps) {
            result.add(rotate(a, s));
        }
        return result;
    }

    @Override
    public RangedSlots conjugate(RangedSlots a) {
        NoiseEstimator.Bound after = noise.rotate(zero(a));
        return recorded(with(a, after, noisy(a.noisy.clone(), after.error())));
    }

    @Override
    public PreparedPlain prepare(double[] values, int level, double scale) {
        PreparedPlain.requireLength(values, slots);
        return new ClearPlain(Arrays.copyOf(values, slots), level, scale);
    }

    @Override
    public RangedSlots multiplyPlain(RangedSlots a, double[] values, double weightScale) {
        return multiplyPlain(a, prepare(values, a.level, weightScale));
    }

    @Override
    public RangedSlots multiplyPlain(RangedSlots a, PreparedPlain plain) {
        ClearPlain p = PreparedPlain.require(ClearPlain.class, plain, a.level);
        Sum sum = new Sum(a.exact.length);
        sum.add(a, p.values, 0, encodingError(p.values, p.scale()), 0);
        return recorded(sum.result(a.level, a.scale * p.scale(), a.degree, 0));
    }

    @Override
    public RangedSlots addPlain(RangedSlots a, PreparedPlain plain) {
        ClearPlain p = PreparedPlain.require(ClearPlain.class, plain, a.level);
        p.requireScale(a.scale);
        double error = encodingError(p.values, p.scale());
        return recorded(new RangedSlots(
                a.level,
                a.scale,
                a.degree,
                sum(a.low, p.values),
                sum(a.high, p.values),
                a.error + error,
                plusEach(a.exact, p.values),
                noisy(plusEach(a.noisy, p.values), error)));
    }

    private double[] plusEach(double[] vectors, double[] values) {
        double[] r = vectors.clone();
        for (int i = 0; i < r.length; i++) {
            r[i] += values[i % slots];
        }
        return r;
    }

    /** As a sum with plain numbers, with the noise of their encryption. */
    @Override
    public RangedSlots addSecret(RangedSlots a, SecretVector vector) {
        RangedSlots sum = addPlain(a, prepare(vector.numbers(), a.level, a.scale));
        double error = encryption(a.scale);
        return recorded(new RangedSlots(
                sum.level,
                sum.scale,
                sum.degree,
                sum.low,
                sum.high,
                sum.error + error,
                sum.exact,
                noisy(sum.noisy.clone(), error)));
    }

    /** Bound on the noise of a symmetric encryption at a scale, without rounding. */
    private double encryption(double scale) {
        return TAIL * Math.sqrt(parameters.n()) * parameters.errorStdDev() / scale;
    }

    /** Bound on the error of encoded numbers; whether they fit the modulus of their level shows in what comes of them. */
    private double encodingError(double[] values, double scale) {
        double largest = 0;
        for (double v : values) {
            largest = Math.max(largest, Math.abs(v));
        }
        NoiseEstimator.Bound one = new NoiseEstimator.Bound(parameters.maxLevel(), 1, 1, 1, 0);
        return largest == 0 ? 0 : noise.multiplyPlain(one, scale, largest).error();
    }

    /** Adds up products of vectors with encoded numbers, and the errors of all terms, which are independent. */
    private final class Sum {
        private final double[] low = new double[slots];
        private final double[] high = new double[slots];
        private final double[] error = new double[slots];
        private final double[] exact;
        private final double[] noisy;
        /** Squares of what the terms' errors are bounded by. */
        private final double[] variance;

        Sum(int samples) {
            exact = new double[samples];
            noisy = new double[samples];
            variance = new double[samples];
        }

        /**
         * Adds a term.
         *
         * @param baby by how much the vector is rotated first
         * @param encoding bound on the error of the numbers
         * @param switching bound on what the rotation adds
         */
        void add(RangedSlots x, double[] values, int baby, double encoding, double switching) {
            for (int t = 0; t < slots; t++) {
                double w = values[t];
                int from = t + baby & slots - 1;
                low[t] += Math.min(w * x.low[from], w * x.high[from]);
                high[t] += Math.max(w * x.low[from], w * x.high[from]);
                error[t] += Math.abs(w) * (x.error + switching) + encoding * x.magnitude(from);
            }
            for (int first = 0; first < exact.length; first += slots) {
                for (int t = 0; t < slots; t++) {
                    double w = values[t];
                    int from = first + (t + baby & slots - 1);
                    exact[first + t] += w * x.exact[from];
                    noisy[first + t] += w * x.noisy[from];
                    double rounding = encoding * x.noisy[from];
                    double rotation = w * switching;
                    variance[first + t] += rounding * rounding + rotation * rotation;
                }
            }
        }

        /** Adds another sum. */
        void add(RangedSlots x) {
            for (int t = 0; t < slots; t++) {
                low[t] += x.low[t];
                high[t] += x.high[t];
                error[t] += x.error;
            }
            for (int i = 0; i < exact.length; i++) {
                exact[i] += x.exact[i];
                noisy[i] += x.noisy[i];
            }
        }

        RangedSlots result(int level, double scale, int degree, double more) {
            double largest = 0;
            for (double e : error) {
                largest = Math.max(largest, Double.isNaN(e) ? Double.POSITIVE_INFINITY : e);
            }
            return new RangedSlots(level, scale, degree, low, high, largest + more, exact, scattered());
        }

        private double[] scattered() {
            synchronized (SlotRangeAlgebra.this) {
                for (int i = 0; i < noisy.length; i++) {
                    noisy[i] += Math.sqrt(variance[i]) / TAIL * random.nextGaussian();
                }
            }
            return noisy;
        }
    }

    /** Diagonal by diagonal; intermediate sums are not recorded, as they exist modulo Q P only. */
    @Override
    public PreparedTransform<RangedSlots> prepare(
            LinearTransform transform, int level, double[] inputScales, double resultScale) {
        return ranged(transform, level, inputScales, resultScale, false);
    }

    /** As by plain factors; each factor has noise of its own, and each giant step is relinearised. */
    @Override
    public PreparedTransform<RangedSlots> prepare(
            SecretTransform transform, int level, double[] inputScales, double resultScale) {
        return ranged(transform.numbers(), level, inputScales, resultScale, true);
    }

    private PreparedTransform<RangedSlots> ranged(
            LinearTransform transform, int level, double[] inputScales, double resultScale, boolean secret) {
        double[] scales = inputScales.clone();
        double[] weightScales = ComposedTransform.weightScales(this, level, scales, resultScale);
        return inputs -> {
            ComposedTransform.requireInputs(this, inputs, level, scales);
            List<RangedSlots> results = new ArrayList<>();
            for (List<LinearTransform.Giant> giants : transform.outputs()) {
                results.add(output(giants, inputs, weightScales, level, resultScale, secret));
            }
            return results;
        };
    }

    private RangedSlots output(
            List<LinearTransform.Giant> giants,
            List<RangedSlots> inputs,
            double[] weightScales,
            int level,
            double resultScale,
            boolean secret) {
        double productScale = inputs.get(0).scale * weightScales[0];
        RangedSlots sum = null;
        for (LinearTransform.Giant g : giants) {
            Sum total = new Sum(inputs.get(0).exact.length);
            if (sum != null) {
                total.add(sum);
            }
            for (LinearTransform.Diagonal d : g.diagonals()) {
                RangedSlots x = inputs.get(d.input());
                double switching = Math.floorMod(d.baby(), slots) == 0
                        ? 0
                        : noise.rotate(zero(x)).error();
                double scale = weightScales[d.input()];
                double factor = encodingError(d.values(), scale) + (secret ? encryption(scale) : 0);
                total.add(x, d.values(), d.baby(), factor, switching);
            }
            sum = total.result(level, productScale, 1, 0);
            if (secret) {
                sum = withSwitching(sum);
            }
            sum = rotatedSum(sum, g.steps());
        }
        if (sum == null) {
            throw new IllegalStateException("an output has at least one giant");
        }
        NoiseEstimator.Bound after = noise.rescale(zero(sum));
        return recorded(new RangedSlots(
                level - 1,
                resultScale,
                1,
                sum.low,
                sum.high,
                sum.error + after.error(),
                sum.exact,
                noisy(sum.noisy, after.error())));
    }

    /** As {@link #rotate}, for a sum modulo Q P, which is not recorded. */
    private RangedSlots rotatedSum(RangedSlots a, int steps) {
        if (Math.floorMod(steps, slots) == 0) {
            return a;
        }
        double switching = noise.rotate(zero(a)).error();
        return new RangedSlots(
                a.level,
                a.scale,
                a.degree,
                rotated(a.low, steps),
                rotated(a.high, steps),
                a.error + switching,
                rotated(a.exact, steps),
                noisy(rotated(a.noisy, steps), switching));
    }

    /** A sum modulo Q P after its relinearisation, which adds what a rotation does. */
    private RangedSlots withSwitching(RangedSlots a) {
        double switching = noise.rotate(zero(a)).error();
        return new RangedSlots(
                a.level,
                a.scale,
                a.degree,
                a.low,
                a.high,
                a.error + switching,
                a.exact,
                noisy(a.noisy.clone(), switching));
    }
}
