package org.veil4j.he.rlwe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.veil4j.he.ckks.CkksEncoder;
import org.veil4j.he.ckks.CkksEvaluator;

/** Keys and helpers for tests of transforms by diagonals, and such transforms in the clear. */
final class TransformSession {
    static final long SEED = 20261201;
    static final double SCALE = 0x1p40;

    final RlweParameters parameters;
    final EvaluationKeys keys;
    final SecretKey secret;
    final Encryptor encryptor;
    final Decryptor decryptor;
    final CkksEncoder encoder;
    final CkksEvaluator evaluator;
    final int slots;
    final SplittableRandom random = new SplittableRandom(SEED);

    TransformSession(RlweParameters parameters, int... rotations) {
        this.parameters = parameters;
        KeyGenerator generator = new KeyGenerator(parameters, Fixtures.seed(SEED));
        secret = generator.secretKey();
        keys = generator.evaluationKeys(
                secret, KeyRequest.none().withRelinearization().withRotations(rotations));
        encryptor = SeededEncryptors.symmetric(secret, SEED);
        decryptor = new Decryptor(secret);
        encoder = new CkksEncoder(parameters);
        evaluator = new CkksEvaluator(parameters, keys);
        slots = parameters.n() / 2;
    }

    /** Numbers from -1 to 1. */
    double[] values() {
        return random.doubles(slots, -1, 1).toArray();
    }

    double[] values(Ciphertext c) {
        return encoder.decode(decryptor.decrypt(c));
    }

    Ciphertext encrypt(double[] values, int level) {
        return encryptor.encrypt(encoder.encode(values, level, SCALE));
    }

    double resultScale(int level, double factorScale) {
        return SCALE * factorScale / parameters.q().modulus(level).p();
    }

    /**
     * What key switches and roundings may add to a slot, ten standard deviations: each product's rotation twice (in the
     * transform and in what it is compared with), factors being at most 1, and each rounding of a division and a factor.
     *
     * @param factorNoise standard deviation of what is added to a factor's coefficients besides their rounding
     */
    double bound(int terms, int level, double factorScale, double factorNoise) {
        double n = parameters.n();
        double keySwitch = Math.sqrt(parameters.digits() * n / 12) * parameters.errorStdDev() + Math.sqrt(n / 18 + 1);
        double fresh = parameters.errorStdDev();
        double rounding = Math.sqrt(n / 18 + 1);
        return 10
                * Math.sqrt(n)
                * (Math.sqrt(2.0 * terms) * (keySwitch + fresh) / SCALE
                        + 2 * rounding / resultScale(level, factorScale)
                        + Math.sqrt(terms * (1 / 12.0 + 2 * factorNoise * factorNoise)) / factorScale);
    }
    /** One product: what it multiplies, by how much that is shifted in all, and the factor. */
    record Shifted(int input, int baby, int giant, double[] factor) {}

    /** All rotations for babies and giants in any order: of giants, the distances. */
    static int[] grid(int[] babies, int[] giants) {
        IntStream distances = Arrays.stream(giants)
                .flatMap(a ->
                        IntStream.concat(IntStream.of(0), Arrays.stream(giants)).map(b -> a - b));
        return IntStream.concat(Arrays.stream(babies), distances).distinct().toArray();
    }

    /** How far the total is rotated after a diagonal: giants are nested. */
    static int steps(List<Shifted> diagonals, int place) {
        int next = place + 1 < diagonals.size() ? diagonals.get(place + 1).giant() : 0;
        return diagonals.get(place).giant() - next;
    }

    static double[] shifted(double[] x, int steps) {
        double[] r = new double[x.length];
        for (int j = 0; j < r.length; j++) {
            r[j] = x[Math.floorMod(j + steps, x.length)];
        }
        return r;
    }

    static List<Shifted> diagonals(TransformSession s, int inputs, int[] babies, int[] giants) {
        List<Shifted> all = new ArrayList<>();
        for (int g : giants) {
            for (int b : babies) {
                all.add(new Shifted(all.size() % inputs, b, g, s.values()));
            }
        }
        return all;
    }

    static double[] clear(TransformSession s, List<double[]> inputs, List<Shifted> diagonals) {
        double[] r = new double[s.slots];
        for (Shifted d : diagonals) {
            double[] x = shifted(inputs.get(d.input), d.baby + d.giant);
            for (int j = 0; j < r.length; j++) {
                r[j] += d.factor[j] * x[j];
            }
        }
        return r;
    }

    static void assertClose(String what, double[] have, double[] want, double bound) {
        double max = 0;
        for (int i = 0; i < want.length; i++) {
            max = Math.max(max, Math.abs(have[i] - want[i]));
        }
        assertThat(max).as("%s, seed %d", what, SEED).isLessThan(bound);
    }

    static void assertSame(Ciphertext have, Ciphertext want) {
        assertThat(have.level()).isEqualTo(want.level());
        for (int k = 0; k <= 1; k++) {
            for (int i = 0; i <= want.level(); i++) {
                assertThat(have.part(k).limb(i))
                        .as("seed %d part %d limb %d", SEED, k, i)
                        .isEqualTo(want.part(k).limb(i));
            }
        }
    }
}
