package org.veil4j.he.rlwe;

import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Sampler;
import org.veil4j.he.ring.Seed;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.PolyKernels;

/**
 * Encrypts plaintexts at their own level, with a secret key (smaller noise, and half the size when written) or with a public
 * key. Immutable and shareable.
 */
public final class Encryptor {
    private final RlweParameters parameters;
    private final @Nullable SecretKey secret;
    private final @Nullable PublicKey open;
    /** Where each encryption's seeds come from. */
    private final Supplier<Seed> seeds;

    private Encryptor(
            RlweParameters parameters, @Nullable SecretKey secret, @Nullable PublicKey open, Supplier<Seed> seeds) {
        this.parameters = parameters;
        this.secret = secret;
        this.open = open;
        this.seeds = seeds;
    }

    /** Encrypts with the secret key: c1 is uniform from a fresh seed, c0 = -c1 s + m + e. */
    public static Encryptor symmetric(SecretKey key) {
        return symmetric(key, Seed::random);
    }

    /** For tests that must repeat: a seed that comes twice, or that somebody else knows, breaks the encryption. */
    static Encryptor symmetric(SecretKey key, Supplier<Seed> seeds) {
        return new Encryptor(key.parameters(), key, null, seeds);
    }

    /** Encrypts with the public key (b, a): (b u + e0 + m, a u + e1) with u ternary. */
    public static Encryptor publicKey(PublicKey key) {
        return publicKey(key, Seed::random);
    }

    /** For tests that must repeat, as {@link #symmetric(SecretKey, Supplier)}. */
    static Encryptor publicKey(PublicKey key, Supplier<Seed> seeds) {
        return new Encryptor(key.parameters(), null, key, seeds);
    }

    /**
     * Encrypts.
     *
     * @return degree 1, the plaintext's level and scale
     * @throws ParameterMismatchException when the plaintext belongs to other parameters
     * @throws IllegalStateException when the secret key was destroyed
     */
    public Ciphertext encrypt(Plaintext plaintext) {
        parameters.requireSame("plaintext", plaintext.parameters());
        if (secret != null) {
            return symmetric(plaintext, secret.values());
        }
        if (open != null) {
            return withPublicKey(plaintext, open);
        }
        throw new IllegalStateException("encryptor: has no key");
    }

    private Ciphertext symmetric(Plaintext plaintext, RnsPoly s) {
        int level = plaintext.level();
        RnsBasis basis = parameters.qAt(level);
        Seed seed = seeds.get();
        double[] error = gaussian(basis.n(), new Sampler(seeds.get()));
        RnsPoly c0 = RnsPoly.zero(basis, true);
        RnsPoly c1 = RnsPoly.zero(basis, true);
        RnsPoly m = plaintext.poly();
        PolyKernels k = Kernels.get();
        Workers.forEach(basis.size(), i -> {
            double p = basis.modulus(i).p();
            double[] a = c1.limb(i);
            double[] b = c0.limb(i);
            new Sampler(seed, i).uniform(a, basis.modulus(i));
            double[] e = LimbPool.of(basis.n()).take();
            System.arraycopy(error, 0, e, 0, e.length);
            basis.ntt(i).forward(e);
            k.add(e, e, m.limb(i), p);
            k.multiply(b, a, s.limb(i), p);
            k.subtract(b, e, b, p);
            Arrays.fill(e, 0);
            LimbPool.of(basis.n()).give(e);
        });
        Arrays.fill(error, 0);
        return new Ciphertext(parameters, new RnsPoly[] {c0, c1}, plaintext.scale(), seed);
    }

    private Ciphertext withPublicKey(Plaintext plaintext, PublicKey key) {
        int level = plaintext.level();
        RnsBasis basis = parameters.qAt(level);
        Sampler sampler = new Sampler(seeds.get());
        double[] ternary = new double[basis.n()];
        sampler.ternary(ternary);
        double[] e0 = gaussian(basis.n(), sampler);
        double[] e1 = gaussian(basis.n(), sampler);
        RnsPoly c0 = RnsPoly.zero(basis, true);
        RnsPoly c1 = RnsPoly.zero(basis, true);
        RnsPoly m = plaintext.poly();
        PolyKernels k = Kernels.get();
        Workers.forEach(basis.size(), i -> {
            double p = basis.modulus(i).p();
            double[] u = LimbPool.of(basis.n()).take();
            System.arraycopy(ternary, 0, u, 0, u.length);
            basis.ntt(i).forward(u);
            System.arraycopy(e0, 0, c0.limb(i), 0, e0.length);
            basis.ntt(i).forward(c0.limb(i));
            k.add(c0.limb(i), c0.limb(i), m.limb(i), p);
            k.multiplyAdd(c0.limb(i), u, key.b().limb(i), p);
            System.arraycopy(e1, 0, c1.limb(i), 0, e1.length);
            basis.ntt(i).forward(c1.limb(i));
            k.multiplyAdd(c1.limb(i), u, key.a().limb(i), p);
            Arrays.fill(u, 0);
            LimbPool.of(basis.n()).give(u);
        });
        Arrays.fill(ternary, 0);
        Arrays.fill(e0, 0);
        Arrays.fill(e1, 0);
        return new Ciphertext(parameters, new RnsPoly[] {c0, c1}, plaintext.scale(), null);
    }

    private static double[] gaussian(int n, Sampler sampler) {
        double[] e = new double[n];
        sampler.gaussian(e);
        return e;
    }

    /** An error polynomial, values in NTT order. */
    static RnsPoly noise(RnsBasis basis, Seed seed) {
        double[] e = gaussian(basis.n(), new Sampler(seed));
        RnsPoly poly = RnsPoly.zero(basis, false);
        for (int i = 0; i < basis.size(); i++) {
            System.arraycopy(e, 0, poly.limb(i), 0, e.length);
        }
        poly.toNtt();
        Arrays.fill(e, 0);
        return poly;
    }

    @Override
    public String toString() {
        return "Encryptor[" + parameters.fingerprint().shortHex() + ", " + (secret != null ? "symmetric" : "public key")
                + "]";
    }
}
