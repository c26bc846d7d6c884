package org.veil4j.he.circuit;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.veil4j.he.circuit.OperationCounts.Kind;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.ScalarMatrix;
import org.veil4j.he.ring.ScalarMatrixProduct;
import org.veil4j.he.ring.Workers;

/**
 * Seconds that counted operations will take on this machine, from a timing of the few kernels that they consist of
 * (about a tenth of a second, once for each ring degree and process). An estimate: within a factor of two on an idle
 * machine.
 */
public final class KernelTimes {
    private static final int ROUNDS = 12;
    /** Limbs that a kernel goes through in a round: more than a core's caches hold, as in a circuit. */
    private static final int LIMBS = 32;

    private static final Map<Integer, KernelTimes> BY_LOG_N = new ConcurrentHashMap<>();

    private final EnumMap<Kind, Double> secondsPerUnit = new EnumMap<>(Kind.class);

    private KernelTimes(RnsBasis basis) {
        RnsPoly[] a = polynomials(basis);
        RnsPoly[] b = polynomials(basis);
        RnsPoly[] c = polynomials(basis);
        double add = seconds(i -> c[i].add(a[i], b[i]));
        double multiply = seconds(i -> c[i].multiply(a[i], b[i]));
        double multiplyAccumulate = seconds(i -> c[i].multiplyAccumulate(a[i], b[i]));
        double transform = seconds(i -> basis.ntt(0).forward(c[i].limb(0)));
        secondsPerUnit.put(Kind.ADD_LIMBS, add);
        secondsPerUnit.put(Kind.MULTIPLY_LIMBS, multiply);
        secondsPerUnit.put(Kind.KEY_LIMBS, multiplyAccumulate);
        secondsPerUnit.put(Kind.CONVERT_LIMBS, multiplyAccumulate);
        secondsPerUnit.put(Kind.NTT_LIMBS, transform);
        secondsPerUnit.put(Kind.SCALAR_LIMBS, scalarSeconds(basis));
    }

    private static RnsPoly[] polynomials(RnsBasis basis) {
        RnsPoly[] polynomials = new RnsPoly[LIMBS];
        for (int i = 0; i < LIMBS; i++) {
            polynomials[i] = RnsPoly.zero(basis, true);
            double[] limb = polynomials[i].limb(0);
            for (int j = 0; j < limb.length; j++) {
                limb[j] = (j + i) % 1000 - 500;
            }
        }
        return polynomials;
    }

    private static double scalarSeconds(RnsBasis basis) {
        int size = 16;
        int[] start = new int[size + 1];
        int[] column = new int[size * size];
        double[] weight = new double[size * size];
        for (int k = 0; k < weight.length; k++) {
            column[k] = k % size;
            weight[k] = (k + 1) << 18;
        }
        RnsPoly[] in = new RnsPoly[size];
        RnsPoly[] out = new RnsPoly[size];
        for (int r = 0; r < size; r++) {
            start[r + 1] = (r + 1) * size;
            in[r] = RnsPoly.zero(basis, true);
            out[r] = RnsPoly.zero(basis, true);
        }
        ScalarMatrixProduct product = new ScalarMatrixProduct(ScalarMatrix.of(size, start, column, weight));
        return seconds(i -> product.multiply(in, out)) / weight.length;
    }

    /** Of one limb, in the fastest round. */
    private static double seconds(IntConsumer kernel) {
        double best = Double.POSITIVE_INFINITY;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < LIMBS; i++) {
                kernel.accept(i);
            }
            best = Math.min(best, (System.nanoTime() - start) * 1e-9 / LIMBS);
        }
        return best;
    }

    /** Times the kernels for the ring of a basis, unless that has been done. */
    private static KernelTimes of(RnsBasis basis) {
        return BY_LOG_N.computeIfAbsent(
                basis.logN(), n -> Workers.withThreads(1, () -> new KernelTimes(basis.prefix(1))));
    }

    /**
     * Seconds that counted operations take, spread evenly over the given threads.
     *
     * @param basis of the ring that they run in
     * @param counts as an {@link OperationCounts} gives them
     * @param threads worker threads, at least 1
     */
    public static double estimateSeconds(RnsBasis basis, Map<Kind, Long> counts, int threads) {
        KernelTimes times = of(basis);
        double sum = 0;
        for (Map.Entry<Kind, Long> count : counts.entrySet()) {
            sum += count.getValue() * times.secondsPerUnit.getOrDefault(count.getKey(), 0.0);
        }
        return sum / threads;
    }
}
