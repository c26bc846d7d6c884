package org.veil4j.he.circuit;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
    private static final Map<Integer, KernelTimes> BY_LOG_N = new ConcurrentHashMap<>();

    private final EnumMap<Kind, Double> secondsPerUnit = new EnumMap<>(Kind.class);

    private KernelTimes(RnsBasis basis) {
        RnsPoly a = RnsPoly.zero(basis, true);
        RnsPoly b = RnsPoly.zero(basis, true);
        RnsPoly c = RnsPoly.zero(basis, true);
        for (int j = 0; j < basis.n(); j++) {
            a.limb(0)[j] = j % 1000 - 500;
            b.limb(0)[j] = j % 777 - 388;
        }
        double add = seconds(() -> c.add(a, b));
        double multiply = seconds(() -> c.multiply(a, b));
        double multiplyAccumulate = seconds(() -> c.multiplyAccumulate(a, b));
        double transform = seconds(() -> basis.ntt(0).forward(c.limb(0)));
        secondsPerUnit.put(Kind.ADD_LIMBS, add);
        secondsPerUnit.put(Kind.MULTIPLY_LIMBS, multiply);
        secondsPerUnit.put(Kind.KEY_LIMBS, multiplyAccumulate);
        secondsPerUnit.put(Kind.CONVERT_LIMBS, multiplyAccumulate);
        secondsPerUnit.put(Kind.NTT_LIMBS, transform);
        secondsPerUnit.put(Kind.SCALAR_LIMBS, scalarSeconds(basis));
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
        return seconds(() -> product.multiply(in, out)) / weight.length;
    }

    private static double seconds(Runnable kernel) {
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            kernel.run();
            best = Math.min(best, (System.nanoTime() - start) * 1e-9);
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
