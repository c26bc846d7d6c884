package org.veil4j.he.ckks;

import org.veil4j.he.ring.Modulus;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.PolyKernels;
import org.veil4j.he.rlwe.Plaintext;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Recovers coefficients as doubles from their residues, in balanced mixed radix: x = v0 + q0 (v1 + q1 (v2 + ...)) with
 * |v_i| below q_i/2. The digits v_i are found one prime at a time and end as soon as a prime beyond the scale gives zero
 * everywhere: most values need two or three primes of many. Since digits are balanced, no cancellation can hurt: the
 * relative error is a few times 2^-53. Immutable.
 */
final class CrtDecoder {
    private final RlweParameters parameters;
    /** For prime j: 1/(q0...q_(j-1)) modulo q_j. */
    private final double[] inverse;
    /** For prime j: q0...q_(i-1) modulo q_j, i below j. */
    private final double[][] weight;

    CrtDecoder(RlweParameters parameters) {
        this.parameters = parameters;
        RnsBasis q = parameters.q();
        inverse = new double[q.size()];
        weight = new double[q.size()][];
        for (int j = 0; j < q.size(); j++) {
            Modulus m = q.modulus(j);
            weight[j] = new double[j];
            long product = 1;
            for (int i = 0; i < j; i++) {
                weight[j][i] = (double) product;
                product = m.multiply(product, q.modulus(i).value());
            }
            inverse[j] = (double) m.inverse(product);
        }
    }

    /** The N coefficients of a plaintext, centred, rounded to doubles. */
    double[] coefficients(Plaintext plaintext) {
        RnsPoly poly = plaintext.poly();
        RnsBasis q = parameters.q();
        PolyKernels k = Kernels.get();
        double needed = Math.log(plaintext.scale()) / Math.log(2) + 2;
        double[][] digits = new double[poly.size()][];
        double[] known = new double[parameters.n()];
        double bits = 0;
        int count = 0;
        for (int j = 0; j < poly.size(); j++) {
            double[] v = poly.limb(j).clone();
            q.ntt(j).inverse(v);
            double p = q.modulus(j).p();
            if (j > 0) {
                k.baseConvert(known, digits, weight[j], j, p);
                k.subtractMultiplyScalar(v, v, known, inverse[j], p);
            }
            digits[j] = v;
            count = j + 1;
            if (j > 0 && bits > needed && isZero(v)) {
                break;
            }
            bits += Math.log(p) / Math.log(2);
        }
        double[] x = digits[count - 1];
        for (int j = count - 2; j >= 0; j--) {
            horner(x, q.modulus(j).p(), digits[j]);
        }
        return x;
    }

    private static boolean isZero(double[] v) {
        for (double x : v) {
            if (x != 0) {
                return false;
            }
        }
        return true;
    }

    private static void horner(double[] x, double p, double[] digit) {
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.fma(x[i], p, digit[i]);
        }
    }
}
