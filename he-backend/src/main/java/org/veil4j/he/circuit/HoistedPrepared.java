package org.veil4j.he.circuit;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ckks.CkksEncoder;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.HoistedTransform;
import org.veil4j.he.rlwe.PlainDiagonal;
import org.veil4j.he.rlwe.RlweParameters;

/** A transform of ciphertexts, its diagonals encoded in one of the forms. */
final class HoistedPrepared implements PreparedTransform<Ciphertext> {
    private final HoistedTransform engine;
    private final EvaluationKeys keys;
    private final List<List<HoistedTransform.Giant>> outputs;
    private final double resultScale;

    private HoistedPrepared(
            HoistedTransform engine,
            EvaluationKeys keys,
            List<List<HoistedTransform.Giant>> outputs,
            double resultScale) {
        this.engine = engine;
        this.keys = keys;
        this.outputs = outputs;
        this.resultScale = resultScale;
    }

    /** Encodes all diagonals of a transform, on all threads. */
    static HoistedPrepared of(
            RlweParameters parameters,
            HoistedTransform engine,
            EvaluationKeys keys,
            CkksEncoder encoder,
            LinearTransform transform,
            int level,
            double[] weightScales,
            double resultScale,
            PlaintextForm form) {
        List<LinearTransform.Diagonal> diagonals = new ArrayList<>();
        transform.outputs().forEach(giants -> giants.forEach(g -> diagonals.addAll(g.diagonals())));
        @Nullable PlainDiagonal[] encoded = new PlainDiagonal[diagonals.size()];
        Workers.forEach(encoded.length, i -> {
            LinearTransform.Diagonal d = diagonals.get(i);
            PlainDiagonal plain = PlainDiagonal.ofCoefficients(
                    parameters, encoder.encodeCoefficients(d.values(), weightScales[d.input()]));
            encoded[i] = form == PlaintextForm.RESIDUES ? plain.toResidues(level) : plain;
        });
        List<List<HoistedTransform.Giant>> outputs = new ArrayList<>();
        int next = 0;
        for (List<LinearTransform.Giant> giants : transform.outputs()) {
            List<HoistedTransform.Giant> list = new ArrayList<>();
            for (LinearTransform.Giant g : giants) {
                List<HoistedTransform.Term> terms = new ArrayList<>();
                for (LinearTransform.Diagonal d : g.diagonals()) {
                    PlainDiagonal factor = encoded[next++];
                    if (factor == null) {
                        throw new IllegalStateException("a diagonal was left out");
                    }
                    terms.add(new HoistedTransform.Term(d.input(), d.baby(), factor));
                }
                list.add(new HoistedTransform.Giant(g.steps(), terms));
            }
            outputs.add(list);
        }
        return new HoistedPrepared(engine, keys, outputs, resultScale);
    }

    @Override
    public List<Ciphertext> apply(List<Ciphertext> inputs) {
        return engine.apply(inputs, outputs, keys, resultScale);
    }
}
