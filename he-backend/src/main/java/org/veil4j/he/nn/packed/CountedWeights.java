package org.veil4j.he.nn.packed;

import java.util.Collections;
import org.veil4j.he.circuit.LinearTransform;
import org.veil4j.he.circuit.SecretTransform;
import org.veil4j.he.circuit.SecretVector;
import org.veil4j.he.circuit.SlotAlgebra;

/**
 * Zeros in place of weights, for algebras without numbers: there are as many rotations and products, and no work to make them.
 *
 * @param secret whether they stand for encrypted weights
 */
record CountedWeights(boolean secret) implements PackedWeights {
    @Override
    public <C> StageLinear<C> stage(SlotAlgebra<C> algebra, PackedPlan plan, int stage, double[] inputScales) {
        LinearTransform shape = plan.shape(stage);
        int level = plan.levelIn(stage);
        double target = plan.targetScale(stage);
        int outputs = shape.outputs().size();
        double[] zeros = new double[plan.slots()];
        if (secret) {
            SecretVector bias = SecretVector.ofNumbers(zeros);
            return new StageLinear<>(
                    algebra.prepare(SecretTransform.ofNumbers(shape), level, inputScales, target),
                    Collections.nCopies(outputs, x -> algebra.addSecret(x, bias)));
        }
        return new StageLinear<>(
                algebra.prepare(shape, level, inputScales, target),
                Collections.nCopies(outputs, x -> algebra.addPlain(x, algebra.prepare(zeros, level - 1, target))));
    }

    @Override
    public long sizeBytes() {
        return 0;
    }
}
