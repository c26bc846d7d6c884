package org.veil4j.experiments.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.veil4j.he.ckks.CkksEncoder;
import org.veil4j.he.ckks.CkksEvaluator;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.Decryptor;
import org.veil4j.he.rlwe.Encryptor;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.KeyGenerator;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.Plaintext;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.SecretKey;

/** Times whole CKKS operations at the highest level of a few 128-bit parameter sets. */
public final class CkksBench {
    private static final int[] ROTATIONS = {1, 2, 3, 4, 5, 6, 7, 8};
    private static final int WARM_UP = 5;
    private static final int LEAST_ROUNDS = 5;
    private static final long NANOS_PER_OPERATION = 400_000_000L;

    private CkksBench() {}

    /**
     * Median times in milliseconds.
     *
     * @param n ring degree
     * @param limbs ciphertext primes
     * @param dnum key-switching digits
     * @param threads worker threads
     * @param encode N/2 real numbers to a plaintext
     * @param decode a plaintext to N/2 real numbers
     * @param encrypt symmetric encryption of a plaintext
     * @param decrypt a ciphertext of degree 1 to a plaintext
     * @param add sum of two ciphertexts
     * @param mulPlain ciphertext times plaintext
     * @param mulRelinRescale ciphertext times ciphertext, relinearised and rescaled
     * @param rescale of a ciphertext of degree 1
     * @param rotate one rotation
     * @param rotateHoisted8 eight rotations of one ciphertext that share its decomposition
     */
    public record Row(
            int n,
            int limbs,
            int dnum,
            int threads,
            double encode,
            double decode,
            double encrypt,
            double decrypt,
            double add,
            double mulPlain,
            double mulRelinRescale,
            double rescale,
            double rotate,
            double rotateHoisted8) {}

    private record Config(int logN, int limbs, int dnum, int firstBits, int bits) {}

    private static final List<Config> CONFIGS =
            List.of(new Config(13, 4, 2, 36, 33), new Config(14, 8, 3, 40, 36), new Config(15, 16, 3, 48, 36));

    /**
     * Runs all configurations, each with one thread and with two. Takes well under 90 seconds.
     *
     * @param progress told what is being measured
     */
    public static List<Row> run(Consumer<String> progress) {
        List<Row> rows = new ArrayList<>();
        for (Config config : CONFIGS) {
            try (Setup setup = new Setup(config)) {
                for (int threads : new int[] {1, 2}) {
                    progress.accept("n=" + (1 << config.logN()) + ", " + config.limbs() + " limbs, dnum "
                            + config.dnum() + ", " + threads + (threads == 1 ? " thread" : " threads"));
                    rows.add(Workers.withThreads(threads, () -> setup.measure(threads)));
                }
            }
        }
        return rows;
    }

    private static final class Setup implements AutoCloseable {
        private final RlweParameters parameters;
        private final SecretKey secret;
        private final CkksEncoder encoder;
        private final CkksEvaluator evaluator;
        private final Encryptor encryptor;
        private final Decryptor decryptor;
        private final double[] values;
        private final double scale;

        Setup(Config config) {
            int[] bits = new int[config.limbs()];
            Arrays.fill(bits, config.bits());
            bits[0] = config.firstBits();
            parameters = RlweParameters.builder()
                    .logN(config.logN())
                    .moduliBits(bits)
                    .digits(config.dnum())
                    .build();
            KeyGenerator generator = new KeyGenerator(parameters);
            secret = generator.secretKey();
            EvaluationKeys keys = generator.evaluationKeys(
                    secret, KeyRequest.none().withRelinearization().withRotations(ROTATIONS));
            encoder = new CkksEncoder(parameters);
            evaluator = new CkksEvaluator(parameters, keys);
            encryptor = Encryptor.symmetric(secret);
            decryptor = new Decryptor(secret);
            scale = Math.scalb(1.0, config.bits());
            values = new double[parameters.n() / 2];
            for (int i = 0; i < values.length; i++) {
                values[i] = Math.sin(i);
            }
        }

        Row measure(int threads) {
            int level = parameters.maxLevel();
            Plaintext plain = encoder.encode(values, level, scale);
            Ciphertext a = encryptor.encrypt(plain);
            Ciphertext b = encryptor.encrypt(plain);
            Ciphertext product = evaluator.multiplyPlain(a, plain);
            return new Row(
                    parameters.n(),
                    parameters.q().size(),
                    parameters.digits(),
                    threads,
                    millis(() -> encoder.encode(values, level, scale)),
                    millis(() -> encoder.decode(plain)),
                    millis(() -> encryptor.encrypt(plain)),
                    millis(() -> decryptor.decrypt(a)),
                    millis(() -> evaluator.add(a, b)),
                    millis(() -> evaluator.multiplyPlain(a, plain)),
                    millis(() -> evaluator.multiplyRelinRescale(a, b)),
                    millis(() -> evaluator.rescale(product)),
                    millis(() -> evaluator.rotate(a, 1)),
                    millis(() -> evaluator.rotateAll(a, ROTATIONS)));
        }

        @Override
        public void close() {
            secret.close();
        }
    }

    private static double millis(Supplier<?> operation) {
        for (int i = 0; i < WARM_UP; i++) {
            Objects.requireNonNull(operation.get());
        }
        List<Long> nanos = new ArrayList<>();
        long start = System.nanoTime();
        while (nanos.size() < LEAST_ROUNDS || System.nanoTime() - start < NANOS_PER_OPERATION) {
            long t = System.nanoTime();
            Object result = operation.get();
            nanos.add(System.nanoTime() - t);
            Objects.requireNonNull(result);
        }
        nanos.sort(null);
        return nanos.get(nanos.size() / 2) / 1e6;
    }
}
