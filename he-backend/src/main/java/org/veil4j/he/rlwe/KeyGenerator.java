package org.veil4j.he.rlwe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.ring.Galois;
import org.veil4j.he.ring.Modulus;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Sampler;
import org.veil4j.he.ring.Seed;
import org.veil4j.he.ring.Workers;

/**
 * Makes keys. Randomness comes from the system's generator, or for tests from one seed, then the same calls in the same
 * order give the same keys. Safe to share: calls take turns.
 */
public final class KeyGenerator {
    /** Most bytes of keys that are made at the same time. */
    private static final long MADE_BYTES = 512L << 20;
    /** Fewer keys at the same time than this, where there are more threads: rather one by one, each with all threads. */
    private static final int FEW_KEYS = 4;

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
        return new PublicKey(parameters, secret.keyPair(), b, seed);
    }

    /**
     * The evaluation keys of a request. Cost: about 2 digits (level + special primes) transforms a key, in parallel over keys.
     * Memory: {@link KeyRequest#sizeBytes}.
     *
     * @throws IllegalArgumentException when a level is above the parameters' highest
     */
    public EvaluationKeys evaluationKeys(SecretKey secret, KeyRequest request) {
        List<Job> jobs = jobs(secret, request);
        KeySwitchKey[] made = new KeySwitchKey[jobs.size()];
        if (made.length < Workers.threads()) { // one by one, each with all threads
            for (int k = 0; k < made.length; k++) {
                made[k] = make(secret, jobs.get(k)).expanded();
            }
        } else {
            Workers.forEach(
                    made.length, k -> made[k] = make(secret, jobs.get(k)).expanded());
        }
        SortedMap<KeyName, KeySwitchKey> keys = new TreeMap<>();
        for (int k = 0; k < made.length; k++) {
            keys.put(jobs.get(k).name, made[k]);
        }
        return new MemoryEvaluationKeys(parameters, keys, secret.keyPair());
    }

    /**
     * Makes the evaluation keys of a request and writes each as soon as it is there: what {@link EvaluationKeys#write} would
     * write. Memory: about two keys a thread, at most 1 GiB or one key, however many keys. The caller opens and commits the file.
     *
     * @throws IllegalArgumentException when a level is above the parameters' highest
     * @throws IOException when the place cannot be written
     */
    public void writeEvaluationKeys(SecretKey secret, KeyRequest request, FrameWriter writer) throws IOException {
        List<Job> jobs = jobs(secret, request);
        EvaluationKeyFormat.writeHeader(writer, parameters, request, secret.keyPair());
        long largest = 1;
        for (Job job : jobs) {
            largest = Math.max(largest, KeySwitchKey.sizeBytes(parameters, job.level));
        }
        int atOnce = (int) Math.min(Workers.threads(), MADE_BYTES / largest);
        if (jobs.size() < atOnce || atOnce < Math.min(Workers.threads(), FEW_KEYS)) {
            for (Job job : jobs) {
                EvaluationKeyFormat.writeKey(writer, job.name, job.level, make(secret, job)::write);
            }
            return;
        }
        KeyQueue queue = new KeyQueue(writer);
        try {
            Workers.withThreads(atOnce, () -> {
                Workers.forEach(
                        jobs.size(), any -> queue.writeNext(k -> make(secret, jobs.get(k)), k -> jobs.get(k).name));
                return queue;
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** A key to be made, its randomness drawn: what is drawn in order may be made in any. */
    private record Job(KeyName name, int level, Seed seed, Seed noise) {}

    private List<Job> jobs(SecretKey secret, KeyRequest request) {
        requireOwn(secret);
        List<Job> jobs = new ArrayList<>();
        request.levels(parameters).forEach((name, level) -> jobs.add(new Job(name, level, nextSeed(), nextSeed())));
        return jobs;
    }

    private SeededKey make(SecretKey secret, Job job) {
        RnsPoly s = at(secret, job.level);
        RnsPoly other = RnsPoly.zero(s.basis(), true);
        SeededKey key = switch (job.name.kind()) {
            case RELINEARIZATION -> {
                other.multiply(s, s);
                yield switchKey(other, s, job);
            }
            case ROTATION -> {
                // It leads from s to the image of s under the inverse: a ciphertext is switched first and permuted
                // afterwards, so that digits never need a permutation and hoisting costs nothing extra.
                Galois rotation = Galois.rotation(parameters.logN(), job.name.steps());
                other.automorphism(s, rotation.inverse());
                yield switchKey(s, other, job);
            }
            case CONJUGATION -> {
                other.automorphism(s, Galois.conjugation(parameters.logN()).inverse());
                yield switchKey(s, other, job);
            }
        };
        other.clear();
        return key;
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

    private SeededKey switchKey(RnsPoly from, RnsPoly to, Job job) {
        RnsBasis basis = parameters.qpAt(job.level);
        RnsPoly[] b = new RnsPoly[parameters.digitsAt(job.level)];
        RnsPoly a = RnsPoly.zero(basis, true);
        for (int d = 0; d < b.length; d++) {
            Sampler.uniform(a, SeededKey.digitSeed(job.seed, d));
            a.multiply(a, to);
            b[d] = Encryptor.noise(basis, job.noise.derive("key-switch error", d));
            b[d].subtract(b[d], a);
            addGadget(b[d], from, job.level, d);
        }
        a.clear(); // with the public half it gives the secret
        return SeededKey.of(parameters, job.level, job.seed, b);
    }

    /** Adds P g from for digit d: P modulo the digit's primes, 0 modulo the others. */
    private void addGadget(RnsPoly b, RnsPoly from, int level, int d) {
        int first = d * parameters.digitSize();
        int end = Math.min(level + 1, first + parameters.digitSize());
        long[] factors = new long[end - first];
        for (int i = first; i < end; i++) {
            Modulus m = b.basis().modulus(i);
            factors[i - first] = m.center(parameters.p().product());
        }
        b.subLimbs(first, end).multiplyScalarAccumulate(from.subLimbs(first, end), factors);
    }
}
