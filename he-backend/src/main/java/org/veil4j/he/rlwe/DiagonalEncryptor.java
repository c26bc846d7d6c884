package org.veil4j.he.rlwe;

import java.util.Arrays;
import java.util.function.Supplier;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Sampler;
import org.veil4j.he.ring.Seed;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.PolyKernels;

/** Encrypts factors for an {@link EncryptedTransform}, with a secret key. Immutable and shareable. */
public final class DiagonalEncryptor {
    private final SecretKey secret;
    private final Supplier<Seed> seeds;

    /** Each factor is encrypted with fresh randomness. */
    public DiagonalEncryptor(SecretKey secret) {
        this(secret, Seed::random);
    }

    /** For tests that must repeat: a seed that comes twice, or that somebody else knows, breaks the encryption. */
    DiagonalEncryptor(SecretKey secret, Supplier<Seed> seeds) {
        this.secret = secret;
        this.seeds = seeds;
    }

    /**
     * Encrypts an integer polynomial modulo the primes of a level and the special ones: w1 is uniform from a fresh seed,
     * w0 = factor + e - w1 s. Cost: two transforms a prime.
     *
     * @param coefficients N integers, each of magnitude at most {@link PlainDiagonal#MAX_COEFFICIENT}
     * @param level highest level of use
     * @return seeded; see {@link CipherDiagonal#expanded}
     * @throws IllegalArgumentException when there are not N, or one is too large or no integer
     * @throws IllegalStateException when the secret key was destroyed
     */
    public CipherDiagonal encrypt(double[] coefficients, int level) {
        RlweParameters parameters = secret.parameters();
        parameters.requireLevel(level);
        PlainDiagonal factor = PlainDiagonal.ofCoefficients(parameters, coefficients);
        RnsBasis basis = parameters.qpAt(level);
        RnsPoly s = secret.values();
        LimbPool pool = LimbPool.of(basis.n());
        PolyKernels k = Kernels.get();
        Seed seed = seeds.get();
        double[] error = new double[basis.n()];
        new Sampler(seeds.get()).gaussian(error);
        double[][] body = new double[basis.size()][basis.n()];
        Workers.forEach(basis.size(), i -> {
            double p = basis.modulus(i).p();
            double[] x = pool.take();
            double[] w = body[i];
            System.arraycopy(error, 0, w, 0, w.length);
            basis.ntt(i).forward(w);
            k.add(w, w, factor.residues(level, i, x), p);
            new Sampler(seed, i).uniform(x, basis.modulus(i));
            k.multiply(x, x, s.limb(i <= level ? i : i - level + parameters.maxLevel()), p);
            k.subtract(w, w, x, p);
            Arrays.fill(x, 0);
            pool.give(x);
        });
        Arrays.fill(error, 0);
        return new CipherDiagonal(parameters, level, body, seed);
    }

    @Override
    public String toString() {
        return "DiagonalEncryptor[" + secret.parameters().fingerprint().shortHex() + "]";
    }
}
