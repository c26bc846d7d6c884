package org.veil4j.he.circuit;

import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.ckks.CkksEncoder;
import org.veil4j.he.rlwe.CipherDiagonal;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.DiagonalEncryptor;
import org.veil4j.he.rlwe.Encryptor;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.SecretKey;

/**
 * Encrypts the weights of a circuit with a secret key: the owner's part of {@link SecretTransform} and {@link SecretVector}.
 * Immutable and shareable.
 */
public final class WeightEncryptor {
    private final RlweParameters parameters;
    private final CkksEncoder encoder;
    private final DiagonalEncryptor factors;
    private final Encryptor vectors;

    /** Encrypts with fresh randomness for each factor. */
    public WeightEncryptor(SecretKey secret) {
        this.parameters = secret.parameters();
        this.encoder = new CkksEncoder(parameters);
        this.factors = new DiagonalEncryptor(secret);
        this.vectors = Encryptor.symmetric(secret);
    }

    /**
     * Encrypts the diagonals of a transform.
     *
     * @param level level of the inputs, at least 1
     * @param inputScales their scales, one an input
     * @param resultScale scale of the results
     * @return one factor a diagonal, in the order of outputs, giants and diagonals, with its uniform half as a seed. Cost of
     *     each: two number-theoretic transforms a prime
     */
    public List<CipherDiagonal> encrypt(
            LinearTransform transform, int level, double[] inputScales, double resultScale) {
        double[] weightScales =
                ComposedTransform.weightScales(parameters.q().modulus(level).p(), inputScales, resultScale);
        List<CipherDiagonal> encrypted = new ArrayList<>();
        for (List<LinearTransform.Giant> giants : transform.outputs()) {
            for (LinearTransform.Giant g : giants) {
                for (LinearTransform.Diagonal d : g.diagonals()) {
                    encrypted.add(
                            factors.encrypt(encoder.encodeCoefficients(d.values(), weightScales[d.input()]), level));
                }
            }
        }
        return encrypted;
    }

    /**
     * Encrypts numbers that are added to a value.
     *
     * @param values at most one a slot; missing ones are zero
     * @param level the value's
     * @param scale the value's
     */
    public Ciphertext encrypt(double[] values, int level, double scale) {
        return vectors.encrypt(encoder.encode(values, level, scale));
    }

    @Override
    public String toString() {
        return "WeightEncryptor[" + parameters.fingerprint().shortHex() + "]";
    }
}
