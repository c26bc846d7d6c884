package org.veil4j.he.circuit;

import static org.veil4j.he.circuit.OperationCounts.Kind.ADD_LIMBS;
import static org.veil4j.he.circuit.OperationCounts.Kind.CONVERT_LIMBS;
import static org.veil4j.he.circuit.OperationCounts.Kind.KEY_LIMBS;
import static org.veil4j.he.circuit.OperationCounts.Kind.KEY_SWITCHES;
import static org.veil4j.he.circuit.OperationCounts.Kind.MULTIPLY_LIMBS;
import static org.veil4j.he.circuit.OperationCounts.Kind.NTT_LIMBS;
import static org.veil4j.he.circuit.OperationCounts.Kind.RESCALES;
import static org.veil4j.he.circuit.OperationCounts.Kind.ROTATIONS;
import static org.veil4j.he.circuit.OperationCounts.Kind.SCALAR_LIMBS;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Runs a circuit without numbers: counts its operations, and collects which keys it needs, before any key exists.
 * Levels, scales and degrees are checked as the encrypted run would.
 */
public final class CostAlgebra implements SlotAlgebra<CostSlots> {
    private final int slots;
    private final double[] primes;
    private final int digitLimbs;
    private final int specialLimbs;
    private final PlaintextForm form;
    private final OperationCounts counts = new OperationCounts();
    private final SortedMap<Integer, Integer> rotationLevels = new TreeMap<>();
    private int relinearizationLevel = KeyRequest.NO_KEY;
    private int conjugationLevel = KeyRequest.NO_KEY;

    /**
     * A counter for the given parameters.
     *
     * @param primes the modulus chain, index = level
     * @param digitLimbs primes in one key-switching digit
     * @param specialLimbs key-switching primes
     */
    public CostAlgebra(int slots, double[] primes, int digitLimbs, int specialLimbs) {
        this(slots, primes, digitLimbs, specialLimbs, PlaintextForm.RESIDUES);
    }

    /**
     * A counter for the given parameters.
     *
     * @param form how prepared transforms keep their diagonals
     */
    public CostAlgebra(int slots, double[] primes, int digitLimbs, int specialLimbs, PlaintextForm form) {
        this.slots = slots;
        this.primes = primes.clone();
        this.digitLimbs = digitLimbs;
        this.specialLimbs = specialLimbs;
        this.form = form;
    }

    /**
     * A counter of runs under the given parameters.
     *
     * @param form how prepared transforms keep their diagonals
     */
    public static CostAlgebra of(RlweParameters parameters, PlaintextForm form) {
        return new CostAlgebra(
                parameters.n() / 2,
                Scalars.primes(parameters),
                parameters.digitSize(),
                parameters.p().size(),
                form);
    }

    /** What has been counted so far. */
    public OperationCounts counts() {
        return counts;
    }

    /** Exactly the keys that have been used so far, each with the highest level at which it was. */
    public synchronized KeyRequest keyRequest() {
        return new KeyRequest(relinearizationLevel, rotationLevels, conjugationLevel);
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public int level(CostSlots a) {
        return a.level();
    }

    @Override
    public double scale(CostSlots a) {
        return a.scale();
    }

    @Override
    public double rescaledScale(int level, double scale) {
        return scale / primes[level];
    }

    @Override
    public CostSlots add(CostSlots a, CostSlots b) {
        requireSameLevel(a, b);
        if (Math.abs(a.scale() - b.scale()) > a.scale() * 0x1p-30) {
            throw new IllegalArgumentException("scales " + a.scale() + " and " + b.scale() + ": must be equal");
        }
        CostSlots sum = new CostSlots(a.level(), a.scale(), Math.max(a.degree(), b.degree()));
        counts.add(ADD_LIMBS, sum.limbs());
        return sum;
    }

    private static void requireSameLevel(CostSlots a, CostSlots b) {
        if (a.level() != b.level()) {
            throw new IllegalArgumentException("levels " + a.level() + " and " + b.level() + ": must be equal");
        }
    }

    @Override
    public CostSlots subtract(CostSlots a, CostSlots b) {
        return add(a, b);
    }

    @Override
    public CostSlots negate(CostSlots a) {
        counts.add(ADD_LIMBS, a.limbs());
        return a;
    }

    @Override
    public CostSlots addConstant(CostSlots a, double value) {
        counts.add(ADD_LIMBS, a.level() + 1);
        return a;
    }

    @Override
    public CostSlots multiplyScalar(CostSlots a, double value, double weightScale) {
        counts.add(MULTIPLY_LIMBS, a.limbs());
        return new CostSlots(a.level(), a.scale() * weightScale, a.degree());
    }

    @Override
    public PreparedPlain prepare(double[] values, int level, double scale) {
        PreparedPlain.requireLength(values, slots);
        counts.add(NTT_LIMBS, level + 1);
        return new CountedPlain(level, scale);
    }

    @Override
    public CostSlots multiplyPlain(CostSlots a, PreparedPlain plain) {
        CountedPlain b = PreparedPlain.require(CountedPlain.class, plain, a.level());
        return multiplyScalar(a, 1, b.scale());
    }

    @Override
    public CostSlots addPlain(CostSlots a, PreparedPlain plain) {
        PreparedPlain.require(CountedPlain.class, plain, a.level()).requireScale(a.scale());
        counts.add(ADD_LIMBS, a.level() + 1);
        return a;
    }

    @Override
    public CostSlots multiply(CostSlots a, CostSlots b) {
        return sumOfProducts(List.of(a), List.of(b));
    }

    @Override
    public CostSlots sumOfSquares(List<CostSlots> a) {
        CostSlots x = requireFactors(a, a);
        counts.add(MULTIPLY_LIMBS, 3L * a.size() * (x.level() + 1));
        return new CostSlots(x.level(), x.scale() * x.scale(), 2);
    }

    @Override
    public CostSlots sumOfProducts(List<CostSlots> a, List<CostSlots> b) {
        CostSlots x = requireFactors(a, b);
        counts.add(MULTIPLY_LIMBS, 4L * a.size() * (x.level() + 1));
        return new CostSlots(x.level(), x.scale() * b.get(0).scale(), 2);
    }

    private static CostSlots requireFactors(List<CostSlots> a, List<CostSlots> b) {
        CostSlots first = a.get(0);
        for (int i = 0; i < a.size(); i++) {
            requireSameLevel(a.get(i), b.get(i));
            requireSameLevel(first, a.get(i));
            if (a.get(i).degree() != 1 || b.get(i).degree() != 1) {
                throw new IllegalArgumentException("degree 2 factor: relinearise before multiplying");
            }
        }
        return first;
    }

    @Override
    public CostSlots relinearize(CostSlots a) {
        if (a.degree() == 1) {
            return a;
        }
        synchronized (this) {
            relinearizationLevel = Math.max(relinearizationLevel, a.level());
        }
        keySwitch(a.level() + 1, 1, 0);
        return new CostSlots(a.level(), a.scale(), 1);
    }

    @Override
    public CostSlots relinearizeRescale(CostSlots a, int levels) {
        if (a.level() < levels) {
            throw new IllegalArgumentException("level=" + a.level() + ": too low to rescale by " + levels);
        }
        CostSlots result = a;
        if (a.degree() == 1) {
            for (int i = 0; i < levels; i++) {
                result = rescale(result);
            }
            return result;
        }
        synchronized (this) {
            relinearizationLevel = Math.max(relinearizationLevel, a.level());
        }
        keySwitch(a.level() + 1, 1, levels);
        counts.add(MULTIPLY_LIMBS, 2L * (a.level() + 1));
        counts.add(RESCALES, levels);
        double scale = a.scale();
        for (int l = a.level(); l > a.level() - levels; l--) {
            scale /= primes[l];
        }
        return new CostSlots(a.level() - levels, scale, 1);
    }

    /** One decomposition, then the given number of products with a key, each divided by P and by fused levels. */
    private void keySwitch(int limbs, int products, int fused) {
        int digits = (limbs + digitLimbs - 1) / digitLimbs;
        int extended = limbs + specialLimbs;
        counts.add(KEY_SWITCHES, products);
        counts.add(NTT_LIMBS, limbs + (long) digits * extended - limbs);
        counts.add(CONVERT_LIMBS, (long) limbs * (extended - Math.min(limbs, digitLimbs)));
        counts.add(KEY_LIMBS, 2L * products * digits * extended);
        counts.add(NTT_LIMBS, 2L * products * extended);
        counts.add(CONVERT_LIMBS, 2L * products * (specialLimbs + fused) * (limbs - fused));
    }

    @Override
    public CostSlots rescale(CostSlots a) {
        if (a.level() == 0) {
            throw new IllegalArgumentException("level=0: nothing left to rescale by");
        }
        counts.add(RESCALES, 1);
        counts.add(NTT_LIMBS, a.limbs());
        counts.add(MULTIPLY_LIMBS, a.limbs());
        return new CostSlots(a.level() - 1, a.scale() / primes[a.level()], a.degree());
    }

    @Override
    public CostSlots dropToLevel(CostSlots a, int level) {
        if (level > a.level() || level < 0) {
            throw new IllegalArgumentException("level=" + level + ": must be between 0 and " + a.level());
        }
        return new CostSlots(level, a.scale(), a.degree());
    }

    @Override
    public CostSlots withScale(CostSlots a, double scale) {
        if (!(scale > 0) || Double.isInfinite(scale)) {
            throw new IllegalArgumentException("scale=" + scale + ": must be finite and positive");
        }
        return new CostSlots(a.level(), scale, a.degree());
    }

    @Override
    public CostSlots rotate(CostSlots a, int steps) {
        rotateAll(a, new int[] {steps});
        return a;
    }

    @Override
    public List<CostSlots> rotateAll(CostSlots a, int[] steps) {
        List<CostSlots> result = new ArrayList<>();
        int switched = 0;
        synchronized (this) {
            for (int s : steps) {
                int step = Math.floorMod(s, slots);
                if (step != 0) {
                    rotationLevels.merge(step, a.level(), Math::max);
                    switched++;
                }
                result.add(a);
            }
        }
        if (switched > 0) {
            counts.add(ROTATIONS, switched);
            keySwitch(a.level() + 1, switched, 0);
        }
        return result;
    }

    @Override
    public CostSlots conjugate(CostSlots a) {
        synchronized (this) {
            conjugationLevel = Math.max(conjugationLevel, a.level());
        }
        counts.add(ROTATIONS, 1);
        keySwitch(a.level() + 1, 1, 0);
        return a;
    }

    @Override
    public List<CostSlots> linearMap(SparseMatrix matrix, double[] weightScale, List<CostSlots> a) {
        double scale =
                Scalars.productScale(matrix, weightScale, a, CostSlots::level, CostSlots::degree, CostSlots::scale);
        Scalars.round(matrix, weightScale);
        counts.add(SCALAR_LIMBS, (long) matrix.entries() * a.get(0).limbs());
        return new ArrayList<>(Collections.nCopies(
                matrix.rows(), new CostSlots(a.get(0).level(), scale, a.get(0).degree())));
    }

    /** Counts what a double-hoisted transform does: rotations before giant steps stay modulo Q P. */
    @Override
    public PreparedTransform<CostSlots> prepare(
            LinearTransform transform, int level, double[] inputScales, double resultScale) {
        return counted(transform, level, inputScales, resultScale, false);
    }

    /** Counts as for plain factors, with four times the products, and a relinearisation for each giant step. */
    @Override
    public PreparedTransform<CostSlots> prepare(
            SecretTransform transform, int level, double[] inputScales, double resultScale) {
        return counted(transform.shape(), level, inputScales, resultScale, true);
    }

    @Override
    public CostSlots addSecret(CostSlots a, SecretVector vector) {
        return add(a, new CostSlots(a.level(), a.scale(), 1));
    }

    private PreparedTransform<CostSlots> counted(
            LinearTransform transform, int level, double[] inputScales, double resultScale, boolean secret) {
        double[] scales = inputScales.clone();
        return inputs -> {
            ComposedTransform.requireInputs(this, inputs, level, scales);
            for (CostSlots in : inputs) {
                if (in.degree() != 1) {
                    throw new IllegalArgumentException("input of degree " + in.degree() + ": must be 1");
                }
            }
            countTransform(transform, level, secret);
            return new ArrayList<>(
                    Collections.nCopies(transform.outputs().size(), new CostSlots(level - 1, resultScale, 1)));
        };
    }

    private void countTransform(LinearTransform transform, int level, boolean secret) {
        int limbs = level + 1;
        int digits = (limbs + digitLimbs - 1) / digitLimbs;
        int extended = limbs + specialLimbs;
        for (int i = 0; i < transform.inputs(); i++) {
            countDecomposition(limbs, digits);
            for (int step : transform.babies(i)) {
                if (step != 0) {
                    countGalois(step, level);
                    counts.add(KEY_LIMBS, 2L * digits * extended);
                }
                counts.add(ADD_LIMBS, 2L * extended);
            }
        }
        counts.add(KEY_LIMBS, (secret ? 4L : 2L) * extended * transform.products());
        if (secret) {
            synchronized (this) {
                relinearizationLevel = Math.max(relinearizationLevel, level);
            }
        } else if (form == PlaintextForm.COEFFICIENTS) {
            counts.add(NTT_LIMBS, (long) extended * transform.products());
            counts.add(ADD_LIMBS, (long) extended * transform.products());
        }
        for (List<LinearTransform.Giant> giants : transform.outputs()) {
            for (LinearTransform.Giant g : giants) {
                if (secret) {
                    counts.add(KEY_SWITCHES, 1);
                    countLifted(limbs, digits);
                }
                int step = Math.floorMod(g.steps(), slots);
                if (step != 0) {
                    countGalois(step, level);
                    countLifted(limbs, digits);
                    counts.add(ADD_LIMBS, 4L * extended);
                }
            }
            counts.add(RESCALES, 1);
            counts.add(NTT_LIMBS, 2L * extended);
            counts.add(CONVERT_LIMBS, 2L * (specialLimbs + 1) * (limbs - 1));
        }
    }

    /** A key switch of a sum modulo Q P: one part is divided by P, decomposed and multiplied with the key. */
    private void countLifted(int limbs, int digits) {
        int extended = limbs + specialLimbs;
        counts.add(NTT_LIMBS, extended);
        counts.add(CONVERT_LIMBS, (long) specialLimbs * limbs);
        countDecomposition(limbs, digits);
        counts.add(KEY_LIMBS, 2L * digits * extended);
    }

    private void countDecomposition(int limbs, int digits) {
        counts.add(NTT_LIMBS, (long) digits * (limbs + specialLimbs));
        counts.add(CONVERT_LIMBS, (long) limbs * (limbs + specialLimbs - Math.min(limbs, digitLimbs)));
    }

    private void countGalois(int step, int level) {
        synchronized (this) {
            rotationLevels.merge(step, level, Math::max);
        }
        counts.add(ROTATIONS, 1);
    }
}
