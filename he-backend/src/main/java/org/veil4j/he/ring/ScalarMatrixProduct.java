package org.veil4j.he.ring;

import java.util.Arrays;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.PolyKernels;

/**
 * The product of an integer matrix with a vector of residue polynomials, one limb at a time: the linear layers of the
 * batch layout, where a weight is the same number in every slot.
 *
 * <p>Each residue is cut once into pieces of a few bits, so that {@code weight * piece} and sums of many such products
 * stay below 2^51 and plain double multiply-adds are exact: two or three flops pairs a weight instead of a modular
 * multiplication, and one modular reduction for many terms. The work goes tile by tile: the pieces of a tile of
 * {@value #TILE} coefficients of up to {@value #CHUNK} inputs stay in the second-level cache while every row uses them.
 *
 * <p>Measured with four terms a pass (N = 2^14, one thread): about 11 billion multiply-adds a second on AVX-512.
 */
public final class ScalarMatrixProduct {
    private static final int TILE = 256;
    private static final int CHUNK = 64;
    /** Largest magnitude of a sum of products: what the modular product that folds it takes. */
    private static final double LIMIT = 0x1p51;

    private final ScalarMatrix matrix;
    private final double maxWeight;

    /** Prepares the product with the given matrix; the instance is immutable and shareable. */
    public ScalarMatrixProduct(ScalarMatrix matrix) {
        this.matrix = matrix;
        this.maxWeight = Math.max(1, matrix.maxWeight());
    }

    /**
     * Computes {@code out[r] = sum over c of matrix[r][c] * in[c]}, limb by limb, on the {@link Workers}.
     *
     * @param in one polynomial a column; all with the same basis and domain, residues balanced (|x| at most p/2)
     * @param out one polynomial a row, of the same basis; overwritten with balanced residues; must not alias inputs
     * @throws IllegalArgumentException if the numbers of polynomials or their bases do not match
     */
    public void multiply(RnsPoly[] in, RnsPoly[] out) {
        if (in.length != matrix.columns() || out.length != matrix.rows()) {
            throw new IllegalArgumentException("in=" + in.length + ", out=" + out.length + ": must be the matrix's "
                    + matrix.columns() + " columns and " + matrix.rows() + " rows");
        }
        RnsBasis basis = in[0].basis();
        for (RnsPoly p : in) {
            requireSame(basis, p);
        }
        for (RnsPoly p : out) {
            requireSame(basis, p);
        }
        int n = basis.n();
        int tile = Math.min(TILE, n);
        int tiles = n / tile;
        Workers.forEach(basis.size() * tiles, task -> {
            int limb = task / tiles;
            multiplyTile(in, out, limb, basis.modulus(limb), (task % tiles) * tile, tile);
        });
    }

    private static void requireSame(RnsBasis basis, RnsPoly p) {
        if (p.size() != basis.size() || p.basis().n() != basis.n()) {
            throw new IllegalArgumentException(
                    "basis: " + p.size() + " limbs of " + p.basis().n() + ", must be " + basis.size() + " limbs of "
                            + basis.n() + " for all inputs and outputs");
        }
    }

    private void multiplyTile(RnsPoly[] in, RnsPoly[] out, int limb, Modulus modulus, int from, int tile) {
        int rows = matrix.rows();
        PolyKernels kernels = Kernels.get();
        Scratch s = Scratch.get(rows, tile);
        int pieceBits = pieceBits(modulus);
        int pieces = (modulus.bits() + pieceBits - 1) / pieceBits;
        double budget = LIMIT / (1L << (pieceBits - 1));
        int[] next = s.next;
        for (int r = 0; r < rows; r++) {
            next[r] = matrix.rowStart(r);
            Arrays.fill(s.total[r], 0);
        }
        for (int c0 = 0; c0 < in.length; c0 += CHUNK) {
            int c1 = Math.min(in.length, c0 + CHUNK);
            for (int c = c0; c < c1; c++) {
                System.arraycopy(in[c].limb(limb), from, s.pieces[0][c - c0], 0, tile);
                split(s, c - c0, pieces, pieceBits);
            }
            for (int r = 0; r < rows; r++) {
                int end = matrix.rowStart(r + 1);
                int k = next[r];
                while (k < end && matrix.column(k) < c1) {
                    k = accumulate(s, k, end, c0, c1, pieces, budget);
                    fold(kernels, s.total[r], s.sums, pieces, pieceBits, modulus);
                }
                next[r] = k;
            }
        }
        for (int r = 0; r < rows; r++) {
            System.arraycopy(s.total[r], 0, out[r].limb(limb), from, tile);
        }
    }

    /** Bits of a piece: half of the residue where the weights leave room for a few terms, else a third. */
    private int pieceBits(Modulus modulus) {
        int half = (modulus.bits() + 1) / 2;
        return maxWeight * 4 <= LIMIT / (1L << (half - 1)) ? half : Math.min(17, half);
    }

    /** Adds entries from k on to the sums while the budget of absolute weight lasts; returns the next entry. */
    private int accumulate(Scratch s, int k, int end, int c0, int c1, int pieces, double budget) {
        for (int i = 0; i < pieces; i++) {
            Arrays.fill(s.sums[i], 0);
        }
        double used = 0;
        while (k < end && matrix.column(k) < c1) {
            int last = Math.min(end, k + 4);
            double group = 0;
            int count = 0;
            while (k + count < last && matrix.column(k + count) < c1) {
                double w = Math.abs(matrix.weight(k + count));
                if (used + group + w > budget) {
                    break;
                }
                group += w;
                count++;
            }
            if (count == 0) {
                break;
            }
            for (int i = 0; i < pieces; i++) {
                double[][] x = s.pieces[i];
                double[] sum = s.sums[i];
                if (count == 4) {
                    add4(
                            sum,
                            x[matrix.column(k) - c0],
                            x[matrix.column(k + 1) - c0],
                            x[matrix.column(k + 2) - c0],
                            x[matrix.column(k + 3) - c0],
                            matrix.weight(k),
                            matrix.weight(k + 1),
                            matrix.weight(k + 2),
                            matrix.weight(k + 3));
                } else {
                    for (int e = 0; e < count; e++) {
                        add1(sum, x[matrix.column(k + e) - c0], matrix.weight(k + e));
                    }
                }
            }
            used += group;
            k += count;
        }
        return k;
    }

    private static void split(Scratch s, int slot, int pieces, int bits) {
        for (int i = pieces - 1; i >= 1; i--) {
            takeHigh(s.pieces[0][slot], s.pieces[i][slot], Math.scalb(1.0, bits * i), Math.scalb(1.0, -bits * i));
        }
    }

    /** high = round(x / unit), x -= high * unit. Exact: all are integers below 2^50. */
    private static void takeHigh(double[] x, double[] high, double unit, double inverse) {
        for (int j = 0; j < x.length; j++) {
            double h = Math.rint(x[j] * inverse);
            high[j] = h;
            x[j] -= h * unit;
        }
    }

    /** Exact without fma: |sum + ...| stays below 2^51, so every product and sum is an integer that a double holds. */
    private static void add4(
            double[] sum, double[] a, double[] b, double[] c, double[] d, double wa, double wb, double wc, double wd) {
        for (int j = 0; j < sum.length; j++) {
            sum[j] = sum[j] + a[j] * wa + b[j] * wb + c[j] * wc + d[j] * wd;
        }
    }

    private static void add1(double[] sum, double[] a, double w) {
        for (int j = 0; j < sum.length; j++) {
            sum[j] += a[j] * w;
        }
    }

    /** total += sum over i of sums[i] * 2^(bits i), modulo p. In: |sums[i][j]| at most 2^51. */
    private static void fold(
            PolyKernels kernels, double[] total, double[][] sums, int pieces, int bits, Modulus modulus) {
        for (int i = 0; i < pieces; i++) {
            kernels.multiplyScalarAdd(total, sums[i], (double) modulus.center(1L << (bits * i)), modulus.p());
        }
    }

    /** Buffers of one thread, kept between calls. */
    private static final class Scratch {
        private static final ThreadLocal<Scratch> LOCAL = new ThreadLocal<>();

        final int tile;
        final double[][][] pieces;
        final double[][] sums;
        double[][] total;
        int[] next;

        private Scratch(int tile) {
            this.tile = tile;
            pieces = new double[3][CHUNK][tile];
            sums = new double[3][tile];
            total = new double[0][];
            next = new int[0];
        }

        static Scratch get(int rows, int tile) {
            Scratch s = LOCAL.get();
            if (s == null || s.tile != tile) {
                s = new Scratch(tile);
                LOCAL.set(s);
            }
            if (s.total.length < rows) {
                s.total = new double[rows][tile];
                s.next = new int[rows];
            }
            return s;
        }
    }
}
