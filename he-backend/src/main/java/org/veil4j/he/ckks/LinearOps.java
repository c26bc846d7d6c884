package org.veil4j.he.ckks;

import java.math.BigInteger;
import org.veil4j.he.ring.Modulus;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.Plaintext;
import org.veil4j.he.rlwe.RlweParameters;

/** The linear part of the evaluator: sums, and products with plaintexts and integers. */
final class LinearOps {
    private LinearOps() {}

    /** a + b or a - b at the lower level. */
    static Ciphertext combine(RlweParameters parameters, Ciphertext a, Ciphertext b, boolean subtract) {
        parameters.requireSame("ciphertext", a.parameters());
        parameters.requireSame("ciphertext", b.parameters());
        Rescaling.requireSameScale(a.scale(), b.scale());
        int level = Math.min(a.level(), b.level());
        Ciphertext x = a.atLevel(level);
        Ciphertext y = b.atLevel(level);
        RnsPoly[] parts = new RnsPoly[Math.max(x.degree(), y.degree()) + 1];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = RnsPoly.zero(parameters.qAt(level), true);
            if (i > y.degree()) {
                parts[i].set(x.part(i));
            } else if (i > x.degree()) {
                if (subtract) {
                    parts[i].negate(y.part(i));
                } else {
                    parts[i].set(y.part(i));
                }
            } else if (subtract) {
                parts[i].subtract(x.part(i), y.part(i));
            } else {
                parts[i].add(x.part(i), y.part(i));
            }
        }
        return new Ciphertext(parameters, parts, a.scale(), null);
    }

    /** See {@link CkksEvaluator#addInPlace}. */
    static void addInPlace(RlweParameters parameters, Ciphertext acc, Ciphertext x) {
        parameters.requireSame("ciphertext", acc.parameters());
        parameters.requireSame("ciphertext", x.parameters());
        Rescaling.requireSameScale(acc.scale(), x.scale());
        if (acc.seed() != null) {
            throw new IllegalArgumentException("acc: a fresh encryption is tied to its seed; add to a copy() of it");
        }
        if (x.degree() > acc.degree() || x.level() < acc.level()) {
            throw new IllegalArgumentException("x: degree " + x.degree() + " and level " + x.level()
                    + " must be at most acc's degree " + acc.degree() + " and at least its level " + acc.level());
        }
        Ciphertext y = x.atLevel(acc.level());
        for (int i = 0; i <= y.degree(); i++) {
            acc.part(i).add(acc.part(i), y.part(i));
        }
    }

    /** -a. */
    static Ciphertext negate(RlweParameters parameters, Ciphertext a) {
        parameters.requireSame("ciphertext", a.parameters());
        RnsPoly[] parts = new RnsPoly[a.degree() + 1];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = RnsPoly.zero(parameters.qAt(a.level()), true);
            parts[i].negate(a.part(i));
        }
        return new Ciphertext(parameters, parts, a.scale(), null);
    }

    /** a + b at the lower level. */
    static Ciphertext addPlain(RlweParameters parameters, Ciphertext a, Plaintext b) {
        parameters.requireSame("ciphertext", a.parameters());
        parameters.requireSame("plaintext", b.parameters());
        Rescaling.requireSameScale(a.scale(), b.scale());
        int level = Math.min(a.level(), b.level());
        RnsPoly[] parts = copies(a.atLevel(level));
        parts[0].add(parts[0], at(parameters, b, level));
        return new Ciphertext(parameters, parts, a.scale(), null);
    }

    /** a b at the lower level. */
    static Ciphertext multiplyPlain(RlweParameters parameters, Ciphertext a, Plaintext b) {
        parameters.requireSame("ciphertext", a.parameters());
        parameters.requireSame("plaintext", b.parameters());
        int level = Math.min(a.level(), b.level());
        Ciphertext x = a.atLevel(level);
        RnsPoly y = at(parameters, b, level);
        RnsPoly[] parts = new RnsPoly[x.degree() + 1];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = RnsPoly.zero(parameters.qAt(level), true);
            parts[i].multiply(x.part(i), y);
        }
        return new Ciphertext(parameters, parts, a.scale() * b.scale(), null);
    }

    /** The first limbs of a plaintext, shared. */
    static RnsPoly at(RlweParameters parameters, Plaintext b, int level) {
        if (b.level() == level) {
            return b.poly();
        }
        double[][] limbs = new double[level + 1][];
        for (int i = 0; i <= level; i++) {
            limbs[i] = b.poly().limb(i);
        }
        return RnsPoly.wrap(parameters.qAt(level), limbs, true);
    }

    /** All parts, shared. */
    static RnsPoly[] parts(Ciphertext a) {
        RnsPoly[] parts = new RnsPoly[a.degree() + 1];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = a.part(i);
        }
        return parts;
    }

    /** Copies of all parts. */
    static RnsPoly[] copies(Ciphertext a) {
        RnsPoly[] parts = new RnsPoly[a.degree() + 1];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = a.part(i).copy();
        }
        return parts;
    }

    /** The constant polynomial of an integer of any size is added to x, whose values are in NTT order. */
    static void addConstant(RnsPoly x, BigInteger integer) {
        RnsBasis basis = x.basis();
        for (int i = 0; i < basis.size(); i++) {
            Modulus m = basis.modulus(i);
            addConstant(x.limb(i), (double) m.center(integer), m.p());
        }
    }

    /** x += c mod p, balanced: |x + c| is below p, and (x + c)/p is far enough from 1/2 for the rounded quotient. */
    private static void addConstant(double[] x, double c, double p) {
        double inverse = 1 / p;
        for (int i = 0; i < x.length; i++) {
            double t = x[i] + c;
            x[i] = Math.fma(-p, Math.rint(t * inverse), t);
        }
    }

    /** Every residue times an integer of any size; the scale times {@code scale}. */
    static Ciphertext multiplyByInteger(RlweParameters parameters, Ciphertext a, BigInteger integer, double scale) {
        parameters.requireSame("ciphertext", a.parameters());
        RnsBasis basis = parameters.qAt(a.level());
        long[] factors = new long[basis.size()];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = basis.modulus(i).center(integer);
        }
        RnsPoly[] parts = new RnsPoly[a.degree() + 1];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = RnsPoly.zero(basis, true);
            parts[i].multiplyScalar(a.part(i), factors);
        }
        return new Ciphertext(parameters, parts, a.scale() * scale, null);
    }
}
