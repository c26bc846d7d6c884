package org.veil4j.he.ckks;

import java.util.SplittableRandom;
import org.veil4j.he.ring.Seed;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.Decryptor;
import org.veil4j.he.rlwe.Encryptor;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.KeyGenerator;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.SecretKey;
import org.veil4j.he.rlwe.SeededEncryptors;

/** Keys and helpers for tests under insecure parameters. */
final class Session {
    final RlweParameters parameters;
    final KeyGenerator generator;
    final SecretKey secret;
    final EvaluationKeys keys;
    final Encryptor encryptor;
    final CkksEncoder encoder;
    final CkksEvaluator evaluator;
    final double scale;
    final int slots;

    Session(CkksParameters ckks, KeyRequest request, long seed) {
        parameters = ckks.rlwe();
        byte[] bytes = new byte[Seed.BYTES];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (seed >>> (8 * i));
        }
        generator = new KeyGenerator(parameters, Seed.of(bytes));
        secret = generator.secretKey();
        keys = generator.evaluationKeys(secret, request);
        encryptor = SeededEncryptors.symmetric(secret, seed);
        encoder = new CkksEncoder(parameters);
        evaluator = new CkksEvaluator(parameters, keys);
        scale = ckks.defaultScale();
        slots = ckks.slots();
    }

    static double[] random(int length, double magnitude, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = magnitude * (2 * random.nextDouble() - 1);
        }
        return values;
    }

    Ciphertext encrypt(double[] values) {
        return encryptor.encrypt(encoder.encode(values, parameters.maxLevel(), scale));
    }

    double error(double[] want, Ciphertext c) {
        return PrecisionStats.of(want, encoder.decode(new Decryptor(secret).decrypt(c)))
                .maxError();
    }
}
