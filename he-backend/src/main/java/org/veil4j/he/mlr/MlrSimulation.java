package org.veil4j.he.mlr;

import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.circuit.ClearSlots;
import org.veil4j.he.circuit.CleartextAlgebra;
import org.veil4j.he.mlr.clear.ClearMlr;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.SoftmaxHead;
import org.veil4j.he.mlr.encoding.MlrEncoding;
import org.veil4j.he.mlr.encoding.Shape;

/**
 * Runs a plan's very circuit on plain numbers, refreshes included: what differs between this and {@link ClearMlr} is the
 * circuit's doing, what differs between this and the encrypted run is the encryption's.
 */
public final class MlrSimulation {
    private MlrSimulation() {}

    /**
     * Trains.
     *
     * @param train the rows that the plan was made for
     * @return the head after each iteration
     * @throws IllegalArgumentException if weights outgrow what the lowest prime can hold, so that the encrypted run would
     *     wrap around
     */
    public static List<SoftmaxHead> run(MlrPlan plan, LabelledFeatures train) {
        TrainingRows rows = TrainingRows.of(plan, train);
        MlrEncoding encoding = plan.encoder();
        double[] primes = new double[plan.rlwe().q().size()];
        for (int i = 0; i < primes.length; i++) {
            primes[i] = plan.rlwe().q().modulus(i).p();
        }
        CleartextAlgebra algebra = new CleartextAlgebra(plan.parameters().slots(), primes);
        List<SoftmaxHead> heads = new ArrayList<>();
        int n = encoding.weightVectors();
        PlanRunner<ClearSlots> runner = new PlanRunner<>(
                plan.values(),
                encoding.circuit(algebra, clear(encoding.datasetShapes(), rows.datasetSlots())),
                (t, weights) -> {
                    List<double[]> slots = new ArrayList<>(encoding.weightSlots(read(encoding, weights.subList(0, n))));
                    slots.addAll(encoding.weightSlots(read(encoding, weights.subList(n, 2 * n))));
                    return clear(encoding.weightShapes(plan.levelBefore(t + 1)), slots);
                },
                (t, weights) -> {
                    weights.forEach(w -> requireRoom(w, primes[0], t));
                    heads.add(rows.head(read(encoding, weights.subList(n, 2 * n))));
                });
        List<ClearSlots> start = new ArrayList<>(clear(plan.startShapes(), rows.startSlots()));
        start.addAll(List.copyOf(start));
        runner.run(0, start);
        return heads;
    }

    private static void requireRoom(ClearSlots weights, double prime, int t) {
        double most = prime / 2 / weights.scale();
        for (double w : weights.toArray()) {
            if (!(Math.abs(w) < most)) {
                throw new IllegalArgumentException(
                        "weight=" + w + " (scaled) after iteration " + t + ": must be below " + most
                                + ", what the lowest prime holds; take fewer scaleBits, smaller steps or fewer iterations");
            }
        }
    }

    private static double[][] read(MlrEncoding encoding, List<ClearSlots> weights) {
        return encoding.weights(weights.stream().map(ClearSlots::toArray).toList());
    }

    private static List<ClearSlots> clear(List<Shape> shapes, List<double[]> slots) {
        List<ClearSlots> result = new ArrayList<>();
        for (int i = 0; i < slots.size(); i++) {
            result.add(ClearSlots.of(
                    slots.get(i), shapes.get(i).level(), shapes.get(i).scale()));
        }
        return result;
    }
}
