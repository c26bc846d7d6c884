package org.veil4j.he.circuit;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.veil4j.he.rlwe.CipherDiagonal;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.EncryptedTransform;
import org.veil4j.he.rlwe.EvaluationKeys;

/** A transform of ciphertexts by encrypted factors. */
final class EncryptedPrepared implements PreparedTransform<Ciphertext> {
    private final EncryptedTransform engine;
    private final EvaluationKeys keys;
    private final List<List<EncryptedTransform.Giant>> outputs;
    private final double resultScale;

    /** Arranges factors; copies none. */
    EncryptedPrepared(EncryptedTransform engine, EvaluationKeys keys, SecretTransform transform, double resultScale) {
        this.engine = engine;
        this.keys = keys;
        this.outputs = new ArrayList<>();
        this.resultScale = resultScale;
        Iterator<CipherDiagonal> next = transform.factors().iterator();
        for (List<LinearTransform.Giant> giants : transform.shape().outputs()) {
            List<EncryptedTransform.Giant> list = new ArrayList<>();
            for (LinearTransform.Giant g : giants) {
                List<EncryptedTransform.Term> terms = new ArrayList<>();
                for (LinearTransform.Diagonal d : g.diagonals()) {
                    terms.add(new EncryptedTransform.Term(d.input(), d.baby(), next.next()));
                }
                list.add(new EncryptedTransform.Giant(g.steps(), terms));
            }
            outputs.add(list);
        }
    }

    @Override
    public List<Ciphertext> apply(List<Ciphertext> inputs) {
        return engine.apply(inputs, outputs, keys, resultScale);
    }
}
