package org.veil4j.he.ckks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.Encryptor;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.LevelExhaustedException;
import org.veil4j.he.rlwe.Plaintext;
import org.veil4j.he.rlwe.SeededEncryptors;

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
        Encryptor encryptor = open ? SeededEncryptors.publicKey(s.generator.publicKey(s.secret), seed) : s.encryptor;
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

    /** Roundings of a mask with one or two ones are far from independent at small scales. */
    @Test
    void bound_sparseMasksAtSmallScales_isNeverBelowTheMeasuredError() {
        for (int logN = 11; logN <= 14; logN++) {
            Session s = new Session(CkksParameters.insecureTest(logN, 1), KeyRequest.none(), SEED + logN);
            NoiseEstimator e = new NoiseEstimator(s.parameters);
            double[] ones = new double[s.slots];
            Arrays.fill(ones, 1);
            Ciphertext c = s.encrypt(ones);
            for (int logScale = 8; logScale <= 36; logScale += 2) {
                double scale = Math.scalb(1.0, logScale);
                for (int[] places : new int[][] {{0}, {s.slots / 3}, {0, 1}}) {
                    double[] mask = new double[s.slots];
                    for (int place : places) {
                        mask[place] = 1;
                    }
                    State state = new State(
                            s.evaluator.multiplyPlain(c, s.encoder.encode(mask, 1, scale)),
                            mask,
                            e.multiplyPlain(e.fresh(1, s.scale, 1), scale, 1));
                    slack(s, state, "logN " + logN + " scale 2^" + logScale + " slots " + Arrays.toString(places));
                }
            }
        }
    }

    @Test
    void bound_valuesThatDoNotFitTheModulus_isInfinite() {
        Session s = new Session(CkksParameters.insecureTest(10, 2), KeyRequest.none(), SEED);
        NoiseEstimator e = new NoiseEstimator(s.parameters);
        State fresh = fresh(s, e, false, SEED);
        State fits = new State(
                s.evaluator.multiplyInteger(fresh.c(), 1000),
                map(fresh.clear(), fresh.clear(), (x, y) -> 1000 * x),
                e.multiplyScalar(fresh.bound(), 1000, 1));
        assertThat(slack(s, fits, "above")).isLessThan(4);
        State dropped = new State(s.evaluator.dropLevel(fits.c(), 0), fits.clear(), e.dropLevel(fits.bound(), 0));
        assertThat(slack(s, dropped, "wrapped")).isInfinite();
        NoiseEstimator.Bound nothing = new NoiseEstimator.Bound(0, s.scale, 1, 0, 0);
        assertThat(e.multiply(nothing, dropped.bound()).error()).isInfinite();
        assertThatThrownBy(() -> e.dropLevel(dropped.bound(), 1)).isInstanceOf(LevelExhaustedException.class);
        assertThatThrownBy(() -> e.dropLevel(dropped.bound(), -1)).isInstanceOf(LevelExhaustedException.class);
    }

    @Test
    void bound_largeConstantAtALargeScale_coversDoubleArithmetic() {
        CkksParameters ckks = CkksParameters.insecureTest(11, 4);
        Session s = new Session(ckks, KeyRequest.none(), SEED);
        NoiseEstimator e = new NoiseEstimator(s.parameters);
        double[] x = Session.random(s.slots, 1, SEED);
        Ciphertext c = s.encryptor.encrypt(s.encoder.encode(x, 4, 0x1p100));
        State sum = new State(
                s.evaluator.addConstant(c, 0x1p40 / 3),
                map(x, x, (u, v) -> u + 0x1p40 / 3),
                e.addConstant(e.fresh(4, 0x1p100, 1), 0x1p40 / 3));
        slack(s, sum, "seed " + SEED);
    }

    @Test
    void bound_alignedOrDropped_isNeverBelowTheMeasuredError() {
        Session s = new Session(CkksParameters.insecureTest(11, 4), KeyRequest.none(), SEED);
        NoiseEstimator e = new NoiseEstimator(s.parameters);
        State fresh = fresh(s, e, false, SEED);
        for (int level = 0; level <= 4; level++) {
            for (double scale : new double[] {s.scale, s.scale * (1 + 0x1p-31), 0x1.77p42, 0x1p33}) {
                boolean possible = level < 4 || Math.abs(scale - s.scale) <= s.scale * 0x1p-30;
                int target = level;
                if (possible) {
                    State aligned = new State(
                            s.evaluator.alignTo(fresh.c(), level, scale),
                            fresh.clear(),
                            e.alignTo(fresh.bound(), level, scale));
                    assertThat(slack(s, aligned, "seed " + SEED + " level " + level + " scale " + scale))
                            .isLessThan(5);
                } else {
                    assertThatThrownBy(() -> e.alignTo(fresh.bound(), target, scale))
                            .isInstanceOf(LevelExhaustedException.class);
                }
            }
            State dropped = new State(
                    s.evaluator.dropLevel(fresh.c(), level), fresh.clear(), e.dropLevel(fresh.bound(), level));
            slack(s, dropped, "seed " + SEED + " level " + level);
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
