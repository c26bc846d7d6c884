package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.veil4j.he.circuit.SecretTransform;
import org.veil4j.he.circuit.SecretVector;
import org.veil4j.he.circuit.SlotAlgebra;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.rlwe.Ciphertext;

/** Weights that their owner has encrypted: what a server has that is to learn nothing of them. */
public final class EncryptedWeights implements PackedWeights {
    private final Fingerprint model;
    private final Fingerprint keyPair;
    private final IntFunction<StageFactors> stages;
    private final boolean streamed;

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
        List<StageFactors> kept = List.copyOf(stages);
        this.stages = kept::get;
        this.streamed = false;
    }

    /**
     * Weights that stay where they are.
     *
     * @param stored gives those of a stage whenever they are used; the caller drops them
     */
    public EncryptedWeights(Fingerprint model, Fingerprint keyPair, IntFunction<StageFactors> stored) {
        this.model = model;
        this.keyPair = keyPair;
        this.stages = stored;
        this.streamed = true;
    }

    /** Whether weights are not in memory, but read whenever they are used. */
    public boolean isStreamed() {
        return streamed;
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
        return stages.apply(stage);
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
}
