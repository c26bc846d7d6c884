package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.circuit.WeightEncryptor;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.RlweParameters;

/** Encrypts the weights of a packed plan, stage by stage: the owner's part. */
public final class PackedEncryption {
    private final RlweParameters parameters;
    private final PackedPlan plan;
    private final ClearWeights weights;
    private final WeightEncryptor encryptor;

    /** Encrypts a plan's weights with the encryptor's key. */
    public PackedEncryption(
            RlweParameters parameters, PackedPlan plan, ClearWeights weights, WeightEncryptor encryptor) {
        this.parameters = parameters;
        this.plan = plan;
        this.weights = weights;
        this.encryptor = encryptor;
    }

    /** Encrypts a stage. Memory: that of its factors, and of its diagonals in the clear. */
    public StageFactors stage(int stage) {
        double[] scales = plan.inputScales(
                        (level, scale) -> scale / parameters.q().modulus(level).p())[stage];
        int level = plan.levelIn(stage);
        double target = plan.targetScale(stage);
        List<Ciphertext> bias = new ArrayList<>();
        for (double[] values : weights.bias(plan, stage)) {
            bias.add(encryptor.encrypt(values, level - 1, target));
        }
        return new StageFactors(encryptor.encrypt(weights.transform(plan, stage), level, scales, target), bias);
    }
}
