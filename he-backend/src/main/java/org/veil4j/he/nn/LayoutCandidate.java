package org.veil4j.he.nn;

import java.util.Map;
import org.veil4j.he.circuit.OperationCounts;
import org.veil4j.he.circuit.PlaintextForm;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * A way to run a network, and what it takes: known before any key exists.
 *
 * @param layout how tensors lie in ciphertexts: "batch" or "packed"
 * @param parameters encryption parameters
 * @param plaintextForm how the server keeps the diagonals that it multiplies by; in the batch layout there are none
 * @param images images that one run classifies
 * @param levels levels that a run uses up
 * @param counts operations of a run
 * @param products products of a ciphertext and a plaintext or a weight
 * @param peakBytes estimated peak of a server's process
 * @param residentKeyBytes bytes of evaluation keys that the server has in memory at a time
 * @param keyUploadBytes bytes of the evaluation keys as sent
 * @param inputUploadBytes bytes of a run's encrypted input as sent
 * @param outputBytes bytes of a run's encrypted result as sent
 */
public record LayoutCandidate(
        String layout,
        RlweParameters parameters,
        PlaintextForm plaintextForm,
        int images,
        int levels,
        Map<OperationCounts.Kind, Long> counts,
        long products,
        long peakBytes,
        long residentKeyBytes,
        long keyUploadBytes,
        long inputUploadBytes,
        long outputBytes) {
    static LayoutCandidate of(Program program, MemoryModel memory) {
        RlweParameters parameters = program.parameters();
        return new LayoutCandidate(
                program.tag(),
                parameters,
                program.plaintextForm(),
                program.inputLayout().images(),
                program.inputLevel(),
                program.cost().counts().toMap(),
                program.products(),
                memory.peakBytes(),
                program.keys().sizeBytes(parameters),
                program.keys().serializedBytes(parameters),
                program.inputLayout().ciphertexts()
                        * Ciphertext.serializedBytes(parameters, 1, program.inputLevel(), true),
                program.outputLayout().ciphertexts() * Ciphertext.serializedBytes(parameters, 1, 0, false));
    }

    /** Rotations of ciphertexts that a run does. */
    public long rotations() {
        return counts.getOrDefault(OperationCounts.Kind.ROTATIONS, 0L);
    }
}
