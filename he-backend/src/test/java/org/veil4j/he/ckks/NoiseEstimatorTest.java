package org.veil4j.he.ckks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.Encryptor;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.LevelExhaustedException;
import org.veil4j.he.rlwe.Plaintext;

class NoiseEstimatorTest {
    private static final long SEED = 20260905;

    private record State(
            Ciphertext c,
            @SuppressWarnings("ArrayRecordComponent") double[] clear,
            NoiseEstimator.Bound bound) {}

    /** How many bits the bound is above the largest error measured. */
    private static double slack(Session s, State state, String what) {
        double measured = s.error(state.clear(), state.c());
        assertThat(state.bound().level()).as(what).isEqualTo(state.c().level());
        assertThat(state.bound().degree()).as(what).isEqualTo(state.c().degree());
        assertThat(state.bound().scale() / state.c().scale()).as(what).isBetween(1 - 1e-12, 1 + 1e-12);
        assertThat(state.bound().error()).as(what).isGreaterThan(measured);
        return Math.log(state.bound().error() / measured) / Math.log(2);
    }

    private static State fresh(Session s, NoiseEstimator e, boolean open, long seed) {
        double[] values = Session.random(s.slots, 1, seed);
        int level = s.parameters.maxLevel();
        Plaintext p = s.encoder.encode(values, level, s.scale);
        Encryptor encryptor =
                open ? Encryptor.publicKey(s.generator.publicKey(s.secret)) : Encryptor.symmetric(s.secret);
        return new State(
                encryptor.encrypt(p), values, open ? e.freshPublic(level, s.scale, 1) : e.fresh(level, s.scale, 1));
    }

    private static double[] map(double[] a, double[] b, DoubleBinaryOperator f) {
        double[] r = new double[a.length];
        for (int i = 0; i < r.length; i++) {
            r[i] = f.applyAsDouble(a[i], b[i]);
        }
        return r;
    }

    private static State step(Session s, NoiseEstimator e, State a, State fresh, int operation, long seed) {
        CkksEvaluator ev = s.evaluator;
        return switch (operation) {
            case 0 ->
                new State(ev.add(a.c(), a.c()), map(a.clear(), a.clear(), Double::sum), e.add(a.bound(), a.bound()));
            case 1 ->
                new State(
                        ev.multiplyRelinRescale(a.c(), a.c()),
                        map(a.clear(), a.clear(), (x, y) -> x * y),
                        e.relinearizeRescale(e.multiply(a.bound(), a.bound())));
            case 2 ->
                new State(
                        ev.rescale(ev.multiply(a.c(), fresh.c())),
                        map(a.clear(), fresh.clear(), (x, y) -> x * y),
                        e.rescale(e.multiply(a.bound(), fresh.bound())));
            case 3 -> {
                double[] w = Session.random(s.slots, 2, seed);
                yield new State(
                        ev.rescale(ev.multiplyPlain(a.c(), s.encoder.encode(w, a.c().level(), s.scale))),
                        map(a.clear(), w, (x, y) -> x * y),
                        e.rescale(e.multiplyPlain(a.bound(), s.scale, 2)));
            }
            case 4 -> {
                double[] rotated = new double[s.slots];
                for (int i = 0; i < rotated.length; i++) {
                    rotated[i] = a.clear()[(i + 3) % s.slots];
                }
                yield new State(ev.rotate(a.c(), 3), rotated, e.rotate(a.bound()));
            }
            case 5 ->
                new State(
                        ev.rescale(ev.multiplyScalar(a.c(), 0.123, s.scale)),
                        map(a.clear(), a.clear(), (x, y) -> 0.123 * x),
                        e.rescale(e.multiplyScalar(a.bound(), 0.123, s.scale)));
            default ->
                new State(
                        ev.addConstant(a.c(), -1.7),
                        map(a.clear(), a.clear(), (x, y) -> x - 1.7),
                        e.addConstant(a.bound(), -1.7));
        };
    }

    private static boolean allowed(State a, int operation) {
        boolean rescales = operation == 1 || operation == 2 || operation == 3 || operation == 5;
        boolean linear = operation == 1 || operation == 4;
        return !(rescales && a.c().level() == 0)
                && !(linear && a.c().degree() > 1)
                && !(operation == 2 && a.c().degree() > 2)
                && a.bound().magnitude() <= 8;
    }

    @Test
    void bound_randomCircuitsAtSeveralN_isNeverBelowTheMeasuredError() {
        double worst = 0;
        for (int logN = 10; logN <= 13; logN++) {
            Session s = new Session(
                    CkksParameters.insecureTest(logN, 5),
                    KeyRequest.none().withRelinearization().withRotations(3),
                    SEED + logN);
            NoiseEstimator e = new NoiseEstimator(s.parameters);
            int circuits = logN < 13 ? 12 : 4;
            for (int circuit = 0; circuit < circuits; circuit++) {
                long seed = SEED + 1000L * logN + circuit;
                SplittableRandom random = new SplittableRandom(seed);
                State fresh = fresh(s, e, circuit % 2 == 1, seed);
                State a = fresh;
                StringBuilder trace = new StringBuilder("seed " + seed + " logN " + logN + ":");
                worst = Math.max(worst, slack(s, a, trace.toString()));
                for (int i = 0; i < 10; i++) {
                    int operation = random.nextInt(7);
                    if (allowed(a, operation)) {
                        a = step(s, e, a, fresh, operation, seed + i);
                        trace.append(' ').append(operation);
                        double slack = slack(s, a, trace.toString());
                        worst = a.c().degree() == 1 ? Math.max(worst, slack) : worst;
                    }
                }
            }
        }
        assertThat(worst).as("seed %d: bits of slack at degree 1", SEED).isLessThan(7);
    }

    @Test
    void bound_singleOperations_isAtMostFourBitsLoose() {
        Session s = new Session(
                CkksParameters.insecureTest(12, 3),
                KeyRequest.none().withRelinearization().withRotations(3),
                SEED);
        NoiseEstimator e = new NoiseEstimator(s.parameters);
        State fresh = fresh(s, e, false, SEED);
        assertThat(slack(s, fresh, "fresh")).isLessThan(4);
        assertThat(slack(s, fresh(s, e, true, SEED), "public")).isLessThan(4);
        for (int operation : new int[] {1, 3, 4, 5, 6}) {
            double slack = slack(s, step(s, e, fresh, fresh, operation, SEED), "operation " + operation);
            assertThat(slack).as("seed %d operation %d", SEED, operation).isLessThan(4);
        }
    }

    @Test
    void rescale_atLevelZero_isRefused() {
        NoiseEstimator e = new NoiseEstimator(CkksParameters.insecureTest(10, 1).rlwe());
        NoiseEstimator.Bound last = e.rescale(e.fresh(1, 0x1p79, 1));
        assertThat(last.bits()).isGreaterThan(10);
        assertThatThrownBy(() -> e.rescale(last)).isInstanceOf(LevelExhaustedException.class);
    }
}
