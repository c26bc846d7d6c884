package org.veil4j.he.ckks;

import java.math.BigInteger;
import org.veil4j.he.ring.Modulus;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.Plaintext;
import org.veil4j.he.rlwe.RlweParameters;

/** The linear part of the evaluator: sums, and products with integers. */
final class LinearOps {
    private LinearOps() {}

    /** a + b or a - b at the lower level. */
    static Ciphertext combine(RlweParameters parameters, Ciphertext a, Ciphertext b, boolean subtract) {
        parameters.requireSame("ciphertext", a.parameters());
        parameters.requireSame("ciphertext", b.parameters());
        CkksEvaluator.requireSameScale(a.scale(), b.scale());
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
