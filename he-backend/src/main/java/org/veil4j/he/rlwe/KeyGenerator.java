package org.veil4j.he.rlwe;

import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ring.Galois;
import org.veil4j.he.ring.Modulus;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Sampler;
import org.veil4j.he.ring.Seed;

/**
 * Makes keys. Randomness comes from the system's generator, or for tests from one seed, then the same calls in the same
 * order give the same keys. Safe to share: calls take turns.
 */
public final class KeyGenerator {
    private final RlweParameters parameters;
    private final @Nullable Seed testSeed;
    private long drawn;

    /** A generator with fresh randomness. */
    public KeyGenerator(RlweParameters parameters) {
        this.parameters = parameters;
        this.testSeed = null;
    }

    /**
     * A generator for tests: everything follows from the seed, which is as secret as the keys.
     *
     * @param testSeed the source of all randomness
     */
    public KeyGenerator(RlweParameters parameters, Seed testSeed) {
        this.parameters = parameters;
        this.testSeed = testSeed;
    }

    private synchronized Seed nextSeed() {
        return testSeed == null ? Seed.random() : testSeed.derive("key generator", drawn++);
    }

    /** A uniform ternary secret. */
    public SecretKey secretKey() {
        double[] c = new double[parameters.n()];
        new Sampler(nextSeed()).ternary(c);
        byte[] ternary = new byte[c.length];
        for (int i = 0; i < c.length; i++) {
            ternary[i] = (byte) c[i];
        }
        Arrays.fill(c, 0);
        return new SecretKey(parameters, ternary);
    }

    /** A public encryption key for a secret. */
    public PublicKey publicKey(SecretKey secret) {
        requireOwn(secret);
        Seed seed = nextSeed();
        RnsPoly a = RnsPoly.zero(parameters.q(), true);
        Sampler.uniform(a, seed);
        RnsPoly b = Encryptor.noise(parameters.q(), nextSeed());
        RnsPoly s = secret.values().truncated(parameters.q().size());
        a.multiply(a, s);
        b.subtract(b, a);
        a.clear(); // with the public half it gives the secret
        return new PublicKey(parameters, b, seed);
    }

    /**
     * The evaluation keys of a request. Cost: about 2 digits (level + special primes) transforms a key. Memory: see
     * {@link EvaluationKeys#sizeBytes(RlweParameters, KeyRequest)}.
     */
    public EvaluationKeys evaluationKeys(SecretKey secret, KeyRequest request) {
        requireOwn(secret);
        int level = request.levelUnder(parameters);
        RnsPoly s = at(secret, level);
        KeySwitchKey relinearization = null;
        if (request.relinearization()) {
            RnsPoly square = RnsPoly.zero(s.basis(), true);
            square.multiply(s, s);
            relinearization = switchKey(square, s, level);
            square.clear();
        }
        SortedMap<Integer, KeySwitchKey> rotations = new TreeMap<>();
        for (int steps : request.canonicalRotations(parameters)) {
            rotations.put(steps, galoisKey(s, Galois.rotation(parameters.logN(), steps), level));
        }
        KeySwitchKey conjugation =
                request.conjugation() ? galoisKey(s, Galois.conjugation(parameters.logN()), level) : null;
        return new EvaluationKeys(parameters, level, relinearization, rotations, conjugation);
    }

    private void requireOwn(SecretKey secret) {
        parameters.requireSame("secret key", secret.parameters());
    }

    /** The secret over the primes of a level and the special ones; shares memory. */
    private RnsPoly at(SecretKey secret, int level) {
        RnsPoly all = secret.values();
        RnsBasis basis = parameters.qpAt(level);
        double[][] limbs = new double[basis.size()][];
        for (int i = 0; i < limbs.length; i++) {
            limbs[i] = all.limb(i <= level ? i : i - level + parameters.maxLevel());
        }
        return RnsPoly.wrap(basis, limbs, true);
    }

    /**
     * The key for an automorphism g. It leads from s to the image of s under the inverse of g: a ciphertext is switched
     * first and permuted afterwards, so that digits never need a permutation and hoisting costs nothing extra.
     */
    private KeySwitchKey galoisKey(RnsPoly s, Galois galois, int level) {
        RnsPoly target = RnsPoly.zero(s.basis(), true);
        target.automorphism(s, galois.inverse());
        KeySwitchKey key = switchKey(s, target, level);
        target.clear();
        return key;
    }

    private KeySwitchKey switchKey(RnsPoly from, RnsPoly to, int level) {
        Seed seed = nextSeed();
        Seed noise = nextSeed();
        RnsBasis basis = parameters.qpAt(level);
        RnsPoly[] b = new RnsPoly[parameters.digitsAt(level)];
        for (int d = 0; d < b.length; d++) {
            RnsPoly a = KeySwitchKey.expand(parameters, level, seed, d);
            a.multiply(a, to);
            b[d] = Encryptor.noise(basis, noise.derive("key-switch error", d));
            b[d].subtract(b[d], a);
            a.clear();
            RnsPoly scaled = RnsPoly.zero(basis, true);
            scaled.multiplyScalar(from, gadget(basis, level, d));
            b[d].add(b[d], scaled);
            scaled.clear();
        }
        return new KeySwitchKey(parameters, level, b, seed);
    }

    /** P g for digit d: P modulo the digit's primes, 0 modulo the others. */
    private long[] gadget(RnsBasis basis, int level, int d) {
        long[] factors = new long[basis.size()];
        int size = parameters.digitSize();
        for (int i = d * size; i < Math.min(level + 1, (d + 1) * size); i++) {
            Modulus m = basis.modulus(i);
            factors[i] = m.center(parameters.p().product());
        }
        return factors;
    }
}
