package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.veil4j.he.circuit.SecretTransform;
import org.veil4j.he.circuit.SecretVector;
import org.veil4j.he.circuit.SlotAlgebra;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.rlwe.CipherDiagonal;
import org.veil4j.he.rlwe.Ciphertext;

/** Weights that their owner has encrypted: what a server has that is to learn nothing of them. */
public final class EncryptedWeights implements PackedWeights {
    private final Fingerprint model;
    private final Fingerprint keyPair;
    private final List<StageFactors> stages;

    /**
     * Weights of all stages, in memory.
     *
     * @param model fingerprint of the owner's model
     * @param keyPair names what they are encrypted under
     * @param stages one a stage of the plan
     */
    public EncryptedWeights(Fingerprint model, Fingerprint keyPair, List<StageFactors> stages) {
        this.model = model;
        this.keyPair = keyPair;
        this.stages = List.copyOf(stages);
    }

    /** Fingerprint of the owner's model. */
    public Fingerprint model() {
        return model;
    }

    /** Names what they are encrypted under, see {@link org.veil4j.he.rlwe.PublicKey#keyPair}. */
    public Fingerprint keyPair() {
        return keyPair;
    }

    /** The weights of a stage. */
    public StageFactors factors(int stage) {
        return stages.get(stage);
    }

    @Override
    public <C> StageLinear<C> stage(SlotAlgebra<C> algebra, PackedPlan plan, int stage, double[] inputScales) {
        StageFactors factors = factors(stage);
        List<UnaryOperator<C>> bias = new ArrayList<>();
        for (Ciphertext c : factors.bias()) {
            SecretVector vector = SecretVector.encrypted(c);
            bias.add(x -> algebra.addSecret(x, vector));
        }
        SecretTransform transform = SecretTransform.encrypted(plan.shape(stage), factors.diagonals());
        return new StageLinear<>(
                algebra.prepare(transform, plan.levelIn(stage), inputScales, plan.targetScale(stage)), bias);
    }

    @Override
    public long sizeBytes() {
        long bytes = 0;
        for (StageFactors s : stages) {
            for (CipherDiagonal d : s.diagonals()) {
                bytes += d.sizeBytes();
            }
            for (Ciphertext c : s.bias()) {
                bytes += c.sizeBytes();
            }
        }
        return bytes;
    }
}
