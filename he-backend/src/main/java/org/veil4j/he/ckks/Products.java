package org.veil4j.he.ckks;

import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.PolyKernels;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.LimbPool;
import org.veil4j.he.rlwe.Plaintext;
import org.veil4j.he.rlwe.RlweParameters;

/** Sums of products of ciphertexts: checks, then one lazily reduced inner product for each limb of each part. */
final class Products {
    private Products() {}

    static Ciphertext of(RlweParameters parameters, Ciphertext[] a, Ciphertext[] b) {
        requireCounts(a.length, b.length);
        int level = lowestLevel(parameters, a, lowestLevel(parameters, b, parameters.maxLevel()));
        double scale = a[0].scale() * b[0].scale();
        for (int t = 1; t < a.length; t++) {
            Rescaling.requireSameScale(scale, a[t].scale() * b[t].scale());
        }
        int da = a[0].degree();
        int db = b[0].degree();
        RnsPoly.requireTerms(Math.multiplyExact(Math.min(da, db) + 1, a.length));
        RnsBasis basis = parameters.qAt(level);
        RnsPoly[] parts = new RnsPoly[da + db + 1];
        for (int k = 0; k < parts.length; k++) {
            parts[k] = unset(basis);
        }
        PolyKernels kernels = Kernels.get();
        Workers.forEach(basis.size(), i -> {
            double p = basis.modulus(i).p();
            for (int k = 0; k < parts.length; k++) {
                int first = Math.max(0, k - db);
                int last = Math.min(k, da);
                int pairs = last - first + 1;
                double[][] x = new double[pairs * a.length][];
                double[][] y = new double[pairs * a.length][];
                for (int t = 0; t < a.length; t++) {
                    for (int j = 0; j < pairs; j++) {
                        x[t * pairs + j] = a[t].part(first + j).limb(i);
                        y[t * pairs + j] = b[t].part(k - first - j).limb(i);
                    }
                }
                kernels.dot(parts[k].limb(i), x, y, x.length, p);
            }
        });
        return new Ciphertext(parameters, parts, scale, null);
    }

    static Ciphertext squares(RlweParameters parameters, Ciphertext[] a) {
        requireCounts(a.length, a.length);
        if (a[0].degree() != 1) {
            return of(parameters, a, a);
        }
        RnsPoly.requireTerms(a.length);
        int level = lowestLevel(parameters, a, parameters.maxLevel());
        double scale = a[0].scale() * a[0].scale();
        for (Ciphertext x : a) {
            Rescaling.requireSameScale(scale, x.scale() * x.scale());
        }
        RnsBasis basis = parameters.qAt(level);
        RnsPoly[] parts = {unset(basis), unset(basis), unset(basis)};
        PolyKernels kernels = Kernels.get();
        Workers.forEach(basis.size(), i -> {
            double p = basis.modulus(i).p();
            double[][] x = new double[a.length][];
            double[][] y = new double[a.length][];
            for (int t = 0; t < a.length; t++) {
                x[t] = a[t].part(0).limb(i);
                y[t] = a[t].part(1).limb(i);
            }
            kernels.dot(parts[0].limb(i), x, x, x.length, p);
            kernels.dot(parts[1].limb(i), x, y, x.length, p);
            kernels.add(parts[1].limb(i), parts[1].limb(i), parts[1].limb(i), p);
            kernels.dot(parts[2].limb(i), y, y, x.length, p);
        });
        return new Ciphertext(parameters, parts, scale, null);
    }

    static Ciphertext plain(RlweParameters parameters, Ciphertext[] a, Plaintext[] b) {
        requireCounts(a.length, b.length);
        RnsPoly.requireTerms(a.length);
        int level = lowestLevel(parameters, a, parameters.maxLevel());
        double scale = a[0].scale() * b[0].scale();
        for (int t = 0; t < a.length; t++) {
            parameters.requireSame("plaintext", b[t].parameters());
            level = Math.min(level, b[t].level());
            Rescaling.requireSameScale(scale, a[t].scale() * b[t].scale());
        }
        RnsBasis basis = parameters.qAt(level);
        RnsPoly[] parts = new RnsPoly[a[0].degree() + 1];
        for (int k = 0; k < parts.length; k++) {
            parts[k] = unset(basis);
        }
        PolyKernels kernels = Kernels.get();
        Workers.forEach(basis.size(), i -> {
            double[][] x = new double[a.length][];
            double[][] y = new double[a.length][];
            for (int k = 0; k < parts.length; k++) {
                for (int t = 0; t < a.length; t++) {
                    x[t] = a[t].part(k).limb(i);
                    y[t] = b[t].poly().limb(i);
                }
                kernels.dot(parts[k].limb(i), x, y, x.length, basis.modulus(i).p());
            }
        });
        return new Ciphertext(parameters, parts, scale, null);
    }

    /** A polynomial whose residues are still to be written; of borrowed memory, which {@link Ciphertext#release} gives back. */
    private static RnsPoly unset(RnsBasis basis) {
        return RnsPoly.wrap(basis, LimbPool.of(basis.n()).take(basis.size()), true);
    }

    private static void requireCounts(int a, int b) {
        if (a != b || a == 0) {
            throw new IllegalArgumentException("a.length=" + a + ", b.length=" + b + ": must be equal and at least 1");
        }
    }

    private static int lowestLevel(RlweParameters parameters, Ciphertext[] a, int start) {
        int level = start;
        for (Ciphertext x : a) {
            parameters.requireSame("ciphertext", x.parameters());
            level = Math.min(level, x.level());
            if (x.degree() != a[0].degree()) {
                throw new IllegalArgumentException("degree=" + x.degree() + ": must be " + a[0].degree()
                        + " for all terms of a sum; relinearise them alike");
            }
        }
        return level;
    }
}
