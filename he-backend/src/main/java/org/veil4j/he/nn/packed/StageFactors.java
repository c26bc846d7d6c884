package org.veil4j.he.nn.packed;

import java.util.List;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.rlwe.CipherDiagonal;
import org.veil4j.he.rlwe.Ciphertext;

/**
 * The encrypted weights of a stage.
 *
 * @param diagonals in the order of the plan's transform: outputs, giants, diagonals
 * @param bias one an output, at the level and scale of the transform's results
 */
public record StageFactors(List<CipherDiagonal> diagonals, List<Ciphertext> bias) {
    /** Copies the lists. */
    public StageFactors {
        diagonals = List.copyOf(diagonals);
        bias = List.copyOf(bias);
    }

    /** The same with the uniform halves of all diagonals kept: faster to use, twice the memory. */
    public StageFactors expanded() {
        CipherDiagonal[] all = new CipherDiagonal[diagonals.size()];
        Workers.forEach(all.length, i -> all[i] = diagonals.get(i).expanded());
        return new StageFactors(List.of(all), bias);
    }
}
