package org.veil4j.he.mlr;

import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.circuit.CostAlgebra;
import org.veil4j.he.circuit.CostSlots;
import org.veil4j.he.circuit.OperationCounts.Kind;
import org.veil4j.he.ckks.CkksParameters;
import org.veil4j.he.mlr.encoding.MlrEncoding;
import org.veil4j.he.mlr.encoding.Shape;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Runs a plan's circuit without numbers.
 *
 * @param keys the keys that it asks for
 * @param report what it takes
 */
record PlanCosts(KeyRequest keys, PlanReport report) {
    /** A started virtual machine with the engine's code, tables and buffers; measured. */
    private static final long PROCESS_BYTES = 450L << 20;
    /** Resident bytes for each live byte: what the collector leaves between collections; measured. */
    private static final double COLLECTOR_FACTOR = 1.25;
    /** Ciphertexts that a thread works on in one block or diagonal. */
    private static final int WORKING_CIPHERTEXTS = 12;

    static PlanCosts of(PlanValues values, CkksParameters parameters, MlrEncoding encoding) {
        RlweParameters rlwe = parameters.rlwe();
        double[] primes = new double[rlwe.q().size()];
        for (int i = 0; i < primes.length; i++) {
            primes[i] = rlwe.q().modulus(i).p();
        }
        CostAlgebra algebra = new CostAlgebra(
                parameters.slots(), primes, rlwe.digitSize(), rlwe.p().size());
        List<Long> switches = new ArrayList<>();
        List<Long> rotations = new ArrayList<>();
        PlanRunner<CostSlots> runner = new PlanRunner<>(
                values,
                encoding.circuit(algebra, slots(encoding.datasetShapes())),
                (t, weights) -> slots(encoding.weightShapes(values.levelBefore(t + 1))),
                (t, weights) -> {
                    switches.add(algebra.counts().get(Kind.KEY_SWITCHES) - sum(switches));
                    rotations.add(algebra.counts().get(Kind.ROTATIONS) - sum(rotations));
                });
        List<CostSlots> start = new ArrayList<>(slots(values.startShapes(encoding)));
        start.addAll(slots(values.startShapes(encoding)));
        runner.run(0, start);
        KeyRequest keys = algebra.keyRequest();
        List<Shape> uploads = new ArrayList<>(encoding.datasetShapes());
        uploads.addAll(values.startShapes(encoding));
        long refreshBytes = 0;
        for (int t : values.refreshPoints()) {
            refreshBytes += fileBytes(rlwe, encoding.weightShapes(values.levelBefore(t + 1)), true);
            refreshBytes += 2L * encoding.weightVectors() * Ciphertext.serializedBytes(rlwe, 1, 0, false);
        }
        long live = liveBytes(rlwe, encoding, keys);
        PlanReport report = new PlanReport(
                values.spec().iterationLevels(),
                switches,
                rotations,
                algebra.counts().toMap(),
                algebra.counts().relativeCost(),
                uploads.size(),
                fileBytes(rlwe, uploads, true),
                keys.keyCount(rlwe),
                keys.sizeBytes(rlwe),
                values.refreshPoints().size(),
                refreshBytes,
                live,
                PROCESS_BYTES + (long) (live * COLLECTOR_FACTOR));
        return new PlanCosts(keys, report);
    }

    private static long sum(List<Long> counts) {
        return counts.stream().mapToLong(Long::longValue).sum();
    }

    private static List<CostSlots> slots(List<Shape> shapes) {
        return shapes.stream()
                .map(shape -> new CostSlots(shape.level(), shape.scale(), 1))
                .toList();
    }

    private static long fileBytes(RlweParameters rlwe, List<Shape> shapes, boolean fresh) {
        return shapes.stream()
                .mapToLong(shape -> Ciphertext.serializedBytes(rlwe, 1, shape.level(), fresh))
                .sum();
    }

    /** Keys, data, kept values, two generations of weights, and what the threads work on. */
    private static long liveBytes(RlweParameters rlwe, MlrEncoding encoding, KeyRequest keys) {
        long ciphertext = 16L * rlwe.n() * (rlwe.maxLevel() + 1);
        long ciphertexts = encoding.datasetShapes().size()
                + encoding.keptCiphertexts()
                + 6L * encoding.weightVectors() // old and new V and W, sums of products
                + (long) WORKING_CIPHERTEXTS * Workers.threads();
        return ciphertexts * ciphertext + keys.sizeBytes(rlwe);
    }
}
