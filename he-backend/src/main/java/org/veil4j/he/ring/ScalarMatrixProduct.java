package org.veil4j.he.ring;

import java.util.Arrays;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.ring.kernel.PolyKernels;

/**
 * The product of an integer matrix with a vector of residue polynomials, one limb at a time: the linear layers of the
 * batch layout, where a weight is the same number in every slot.
 *
 * <p>The work goes tile by tile: a tile of {@value #TILE} coefficients of up to {@value #CHUNK} inputs is copied together, so
 * that it stays in the second-level cache while every row uses it; where they lie, the same place of each polynomial, a
 * multiple of 2^17 bytes apart, would fall upon the same few lines of the cache.
 */
public final class ScalarMatrixProduct {
    private static final int TILE = 512;
    private static final int CHUNK = 128;

    private final ScalarMatrix matrix;

    /** Prepares the product with the given matrix; the instance is immutable and shareable. */
    public ScalarMatrixProduct(ScalarMatrix matrix) {
        this.matrix = matrix;
    }

    /**
     * Computes {@code out[r] = sum over c of matrix[r][c] * in[c]}, limb by limb, on the {@link Workers}. Cost: four flops for
     * an entry and a coefficient of a limb.
     *
     * @param in one polynomial a column, any number; all with the same basis and form, residues balanced (|x| at most p/2)
     * @param out one polynomial a row, of the same basis; overwritten with balanced residues in the inputs' form; must not
     *     alias inputs
     * @throws IllegalArgumentException if the numbers of polynomials, their bases or forms do not match
     */
    public void multiply(RnsPoly[] in, RnsPoly[] out) {
        if (in.length != matrix.columns() || out.length != matrix.rows()) {
            throw new IllegalArgumentException("in=" + in.length + ", out=" + out.length + ": must be the matrix's "
                    + matrix.columns() + " columns and " + matrix.rows() + " rows");
        }
        RnsBasis basis = in[0].basis();
        for (RnsPoly p : in) {
            p.requireBasis(basis);
            p.requireNtt(in[0].isNtt());
        }
        for (RnsPoly p : out) {
            p.requireBasis(basis);
            p.setNtt(in[0].isNtt());
        }
        int n = basis.n();
        int tile = Math.min(TILE, n);
        int tiles = n / tile;
        Workers.forEach(basis.size() * tiles, task -> {
            int limb = task / tiles;
            multiplyTile(in, out, limb, basis.modulus(limb).p(), (task % tiles) * tile, tile);
        });
    }

    private void multiplyTile(RnsPoly[] in, RnsPoly[] out, int limb, double p, int from, int tile) {
        PolyKernels kernels = Kernels.get();
        Scratch s = Scratch.get(matrix.rows(), tile);
        for (int r = 0; r < matrix.rows(); r++) {
            Arrays.fill(s.sums[r], 0);
            s.next[r] = matrix.rowStart(r);
        }
        for (int c0 = 0; c0 < in.length; c0 += CHUNK) {
            int c1 = Math.min(in.length, c0 + CHUNK);
            for (int c = c0; c < c1; c++) {
                System.arraycopy(in[c].limb(limb), from, s.inputs[c - c0], 0, tile);
            }
            for (int r = 0; r < matrix.rows(); r++) {
                int terms = s.gather(matrix, r, c0, c1);
                if (terms > 0) {
                    kernels.addWeighted(s.sums[r], s.terms, s.weights, terms, s.high, p);
                }
            }
        }
        for (int r = 0; r < matrix.rows(); r++) {
            System.arraycopy(s.sums[r], 0, out[r].limb(limb), from, tile);
        }
    }

    /** Buffers of one thread, kept between calls. */
    private static final class Scratch {
        private static final ThreadLocal<Scratch> LOCAL = new ThreadLocal<>();

        final double[][] inputs;
        final double[][] terms = new double[CHUNK][];
        final double[] weights = new double[CHUNK];
        final double[] high;
        double[][] sums = new double[0][];
        /** A row's first entry that is not yet added. */
        int[] next = new int[0];

        private Scratch(int tile) {
            inputs = new double[CHUNK][tile];
            high = new double[tile];
        }

        static Scratch get(int rows, int tile) {
            Scratch s = LOCAL.get();
            if (s == null || s.high.length != tile) {
                s = new Scratch(tile);
                LOCAL.set(s);
            }
            if (s.sums.length < rows) {
                s.sums = new double[rows][tile];
                s.next = new int[rows];
            }
            return s;
        }

        /** Collects a row's next terms, those whose inputs, columns c0 to c1, are at hand; returns their number. */
        int gather(ScalarMatrix matrix, int row, int c0, int c1) {
            int count = 0;
            int entry = next[row];
            int end = matrix.rowStart(row + 1);
            while (entry < end && matrix.column(entry) < c1) {
                terms[count] = inputs[matrix.column(entry) - c0];
                weights[count++] = matrix.weight(entry++);
            }
            next[row] = entry;
            return count;
        }
    }
}
