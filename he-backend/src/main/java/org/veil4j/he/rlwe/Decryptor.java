package org.veil4j.he.rlwe;

import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.PolyKernels;

/**
 * Decrypts. What comes out is message plus noise, and the noise depends on the secret: it is for the key's owner alone.
 * Whoever hands results on must round them to the guaranteed precision, or release less (Li and Micciancio 2021).
 */
public final class Decryptor {
    private final SecretKey secret;

    /** A decryptor with the given key, which must stay open. */
    public Decryptor(SecretKey secret) {
        this.secret = secret;
    }

    /**
     * Computes c0 + c1 s + c2 s^2 + ...
     *
     * @param ciphertext any degree and level
     * @return at the ciphertext's level and scale
     * @throws ParameterMismatchException when the ciphertext belongs to other parameters
     * @throws IllegalStateException when the secret key was destroyed
     */
    public Plaintext decrypt(Ciphertext ciphertext) {
        RlweParameters parameters = secret.parameters();
        parameters.requireSame("ciphertext", ciphertext.parameters());
        RnsPoly s = secret.values();
        RnsBasis basis = parameters.qAt(ciphertext.level());
        RnsPoly m = RnsPoly.zero(basis, true);
        PolyKernels k = Kernels.get();
        Workers.forEach(basis.size(), i -> {
            double p = basis.modulus(i).p();
            double[] r = m.limb(i);
            int d = ciphertext.degree();
            k.multiply(r, ciphertext.part(d).limb(i), s.limb(i), p);
            while (--d > 0) {
                k.add(r, r, ciphertext.part(d).limb(i), p);
                k.multiply(r, r, s.limb(i), p);
            }
            k.add(r, r, ciphertext.part(0).limb(i), p);
        });
        return new Plaintext(parameters, m, ciphertext.scale());
    }

    @Override
    public String toString() {
        return "Decryptor[" + secret.parameters().fingerprint().shortHex() + "]";
    }
}
