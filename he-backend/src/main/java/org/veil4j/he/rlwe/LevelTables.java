package org.veil4j.he.rlwe;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.ring.BasisConverter;
import org.veil4j.he.ring.Modulus;
import org.veil4j.he.ring.RnsBasis;

/** Constants of key switching and rescaling at one level. Limbs count the level's primes, then the special ones. Immutable. */
final class LevelTables {
    /** Most primes of the level that a key switch divides by at once. */
    static final int MAX_FUSED_LEVELS = 2;

    /** One digit: its first limb, the limb after its last, and the conversion to all other limbs, in order. */
    record Digit(int from, int to, BasisConverter up) {
        boolean holds(int limb) {
            return limb >= from && limb < to;
        }

        /** Where a limb outside of the digit stands among the converted ones. */
        int row(int limb) {
            return limb < from ? limb : limb - (to - from);
        }
    }

    /** Division by the product of the limbs from {@code first} on: conversion to the others and inverses modulo those. */
    static final class Down {
        final int first;
        final BasisConverter converter;
        final double[] inverse;

        private Down(int first, BasisConverter converter, double[] inverse) {
            this.first = first;
            this.converter = converter;
            this.inverse = inverse;
        }
    }

    final Digit[] digits;
    /** Division by P. */
    final Down byP;
    /** Division by P and the level's last prime, by P and its last two, as far as there are primes left. */
    final List<Down> byPAndTop;
    /** P modulo each of the level's primes. */
    final double[] p;
    /** Inverse of the level's last prime modulo the others. */
    final double[] topInverse;

    LevelTables(RlweParameters parameters, int level) {
        RnsBasis qp = parameters.qpAt(level);
        int size = parameters.digitSize();
        digits = new Digit[parameters.digitsAt(level)];
        for (int d = 0; d < digits.length; d++) {
            int from = d * size;
            int to = Math.min(level + 1, from + size);
            List<Modulus> others = new ArrayList<>(qp.moduli());
            others.subList(from, to).clear();
            digits[d] = new Digit(from, to, BasisConverter.of(qp.subBasis(from, to), RnsBasis.of(qp.logN(), others)));
        }
        byP = down(qp, level + 1);
        List<Down> tops = new ArrayList<>();
        for (int k = 1; k <= Math.min(level, MAX_FUSED_LEVELS); k++) {
            tops.add(down(qp, level + 1 - k));
        }
        byPAndTop = List.copyOf(tops);
        p = new double[level + 1];
        topInverse = new double[level];
        BigInteger product = parameters.p().product();
        for (int i = 0; i <= level; i++) {
            Modulus m = qp.modulus(i);
            p[i] = (double) m.center(product);
            if (i < level) {
                topInverse[i] = (double) m.inverse(qp.modulus(level).value());
            }
        }
    }

    private static Down down(RnsBasis qp, int first) {
        RnsBasis from = qp.subBasis(first, qp.size());
        BigInteger product = from.product();
        double[] inverse = new double[first];
        for (int i = 0; i < first; i++) {
            Modulus m = qp.modulus(i);
            inverse[i] = (double) m.inverse(m.center(product));
        }
        return new Down(first, BasisConverter.of(from, qp.prefix(first)), inverse);
    }
}
