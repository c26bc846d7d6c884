package org.veil4j.he.nn.packed;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.veil4j.he.circuit.PlaintextForm;
import org.veil4j.he.nn.packed.DiagonalCover.Shift;
import org.veil4j.he.rlwe.EncryptedTransform;
import org.veil4j.he.rlwe.HoistedTransform;
import org.veil4j.he.rlwe.RlweParameters;

/** Memory of a packed plan, without evaluation keys. */
public final class PackedMemory {
    private PackedMemory() {}

    /** Bytes of a fresh input. */
    public static long inputBytes(PackedPlan plan, RlweParameters parameters) {
        return plan.layout().input().ciphertexts() * ciphertextBytes(plan.inputLevel(), parameters);
    }

    /** Bytes of all encoded diagonals. */
    public static long plaintextBytes(PackedPlan plan, RlweParameters parameters, PlaintextForm form) {
        long limbs = 0;
        long diagonals = 0;
        for (int s = 0; s < plan.stages().size(); s++) {
            long products = plan.layout().stages().get(s).products();
            diagonals += products;
            limbs += products * (plan.levelIn(s) + 1 + parameters.p().size());
        }
        return form == PlaintextForm.RESIDUES
                ? limbs * Double.BYTES * parameters.n()
                : diagonals * (Integer.BYTES * (long) parameters.n());
    }

    /**
     * Bytes of all encrypted diagonals and biases.
     *
     * @param expanded whether uniform halves are kept
     */
    public static long encryptedBytes(PackedPlan plan, RlweParameters parameters, boolean expanded) {
        long bytes = (expanded ? 2 : 1) * plaintextBytes(plan, parameters, PlaintextForm.RESIDUES);
        for (int s = 0; s < plan.stages().size(); s++) {
            bytes += plan.layout().stages().get(s).placement().ciphertexts()
                    * ciphertextBytes(plan.levelIn(s) - 1, parameters);
        }
        return bytes;
    }

    /**
     * Bytes of ciphertexts and of what transforms borrow, at the peak of a run on so many threads.
     *
     * @param secret whether factors are encrypted
     */
    public static long runBytes(PackedPlan plan, RlweParameters parameters, int threads, boolean secret) {
        long most = 0;
        int[] lastUse = plan.lastUse();
        for (int s = 0; s < plan.stages().size(); s++) {
            long live = inputBytes(plan, parameters);
            for (int t = 0; t <= s; t++) {
                if (t == s || lastUse[t] >= s) {
                    long each = ciphertextBytes(plan.levelIn(t) - 1, parameters);
                    live += each
                            * plan.layout().stages().get(t).placement().ciphertexts()
                            * (plan.tapIsRead(t) ? 2 : 1);
                }
            }
            most = Math.max(most, live + scratchBytes(plan, s, parameters, threads, secret));
        }
        return most;
    }

    private static long scratchBytes(
            PackedPlan plan, int stage, RlweParameters parameters, int threads, boolean secret) {
        StageLayout layout = plan.layout().stages().get(stage);
        int inputs = plan.firstInput(stage)[plan.stages().get(stage).sources().length];
        Set<Long> babies = new HashSet<>();
        int giants = 0;
        for (List<Shift> shifts : layout.shifts()) {
            Set<Integer> own = new HashSet<>();
            for (Shift s : shifts) {
                own.add(layout.split().giant(s.shift()));
                long input = (long) plan.firstInput(stage)[s.source()] + s.ciphertext();
                babies.add(input << 32 | Math.floorMod(layout.split().baby(s.shift()), plan.slots()));
            }
            giants += own.size();
        }
        int level = plan.levelIn(stage);
        return secret
                ? EncryptedTransform.scratchBytes(parameters, level, inputs, babies.size(), giants, threads)
                : HoistedTransform.scratchBytes(parameters, level, inputs, babies.size(), giants, threads);
    }

    private static long ciphertextBytes(int level, RlweParameters parameters) {
        return 2L * (level + 1) * parameters.n() * Double.BYTES;
    }
}
