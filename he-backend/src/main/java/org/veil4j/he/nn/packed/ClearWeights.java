package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.veil4j.he.circuit.LinearTransform;
import org.veil4j.he.circuit.PreparedPlain;
import org.veil4j.he.circuit.SecretTransform;
import org.veil4j.he.circuit.SecretVector;
import org.veil4j.he.circuit.SlotAlgebra;
import org.veil4j.he.nn.packed.DiagonalCover.Shift;

/**
 * Weights in the clear: of a server that may know them, or of the owner of weights that are to be encrypted.
 *
 * @param stages a plan's stages with their weights
 * @param secret whether runs stand for those with encrypted weights
 */
public record ClearWeights(List<PackedStage> stages, boolean secret) implements PackedWeights {
    /** A weight's column and value. */
    private static final int ENTRY_BYTES = 12;

    /** Copies the list. */
    public ClearWeights {
        stages = List.copyOf(stages);
    }

    /** The linear part of a stage. Takes a while, and 8 bytes a slot and diagonal: use one after the other. */
    LinearTransform transform(PackedPlan plan, int stage) {
        PackedStage s = stages.get(stage);
        StageLayout l = plan.layout().stages().get(stage);
        Placement[] in = plan.sources(stage);
        List<List<double[]>> diagonals = new ArrayList<>();
        for (int k = 0; k < l.shifts().size(); k++) {
            Grid grid = plan.layout().grid();
            DiagonalCover cover = new DiagonalCover(s, in, l.placement().at()[k], l.modulus(), l.fold(), grid);
            int[] all = cover.slotsOf(-1, 1);
            List<double[]> values = new ArrayList<>();
            for (Shift shift : l.shifts().get(k)) {
                double[] weights = new double[grid.slots()];
                cover.serve(shift, all, true, weights);
                values.add(plan.interleaved(weights, l.split().giant(shift.shift())));
            }
            diagonals.add(values);
        }
        return plan.transform(stage, (output, shift) -> diagonals.get(output).get(shift));
    }

    /** Numbers that are added to each ciphertext of a stage's argument. */
    double[][] bias(PackedPlan plan, int stage) {
        double[][] one = plan.layout()
                .stages()
                .get(stage)
                .placement()
                .place(stages.get(stage).bias());
        double[][] all = new double[one.length][];
        for (int c = 0; c < all.length; c++) {
            all[c] = plan.interleaved(one[c], 0);
        }
        return all;
    }

    @Override
    public <C> StageLinear<C> stage(SlotAlgebra<C> algebra, PackedPlan plan, int stage, double[] inputScales) {
        LinearTransform transform = transform(plan, stage);
        int level = plan.levelIn(stage);
        double target = plan.targetScale(stage);
        List<UnaryOperator<C>> bias = new ArrayList<>();
        for (double[] values : bias(plan, stage)) {
            if (secret) {
                SecretVector vector = SecretVector.ofNumbers(values);
                bias.add(x -> algebra.addSecret(x, vector));
            } else {
                PreparedPlain plain = algebra.prepare(values, level - 1, target);
                bias.add(x -> algebra.addPlain(x, plain));
            }
        }
        return new StageLinear<>(
                secret
                        ? algebra.prepare(SecretTransform.ofNumbers(transform), level, inputScales, target)
                        : algebra.prepare(transform, level, inputScales, target),
                bias);
    }

    @Override
    public long sizeBytes() {
        long entries = 0;
        for (PackedStage s : stages) {
            entries += s.entries();
        }
        return entries * ENTRY_BYTES;
    }
}
