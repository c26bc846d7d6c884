package org.veil4j.he.ring;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * <p>Rows that read the same columns, such as the channels of a convolution at one place, go together, three at a time:
 * measured on AVX-512, one thread, up to 17 billion multiply-adds a second against 11 row by row.
 */
public final class ScalarMatrixProduct {
    private static final int TILE = 256;
    private static final int CHUNK = 64;
    private static final int GROUP = 3;
    /** Sums that are added to a total before it is reduced; up to three more make 11 times 0.51 p, below 2^53. */
    private static final int MAX_FOLDS = 8;
    /** Whether the processor has a fused multiply-add; the kernels find out. */
    private static final boolean FUSED = !Kernels.get().name().equals("scalar");
    /** Largest magnitude of a sum of products: what the modular product that folds it takes. */
    private static final double LIMIT = 0x1p51;

    private final ScalarMatrix matrix;
    private final double maxWeight;
    private final double meanWeight;
    /** Rows of the same columns, up to {@value #GROUP} together: each input is loaded once for all of them. */
    private final int[][] groups;
    /** Largest magnitude of a group's weights, entry by entry. */
    private final double[][] groupMax;

    /** Prepares the product with the given matrix; the instance is immutable and shareable. */
    public ScalarMatrixProduct(ScalarMatrix matrix) {
        this.matrix = matrix;
        this.maxWeight = Math.max(1, matrix.maxWeight());
        this.meanWeight = matrix.meanWeight();
        Map<List<Integer>, List<Integer>> open = new LinkedHashMap<>();
        List<List<Integer>> found = new ArrayList<>();
        for (int r = 0; r < matrix.rows(); r++) {
            List<Integer> columns = matrix.columnsOf(r);
            List<Integer> group = open.get(columns);
            if (group == null || group.size() == GROUP) {
                group = new ArrayList<>(GROUP);
                open.put(columns, group);
                found.add(group);
            }
            group.add(r);
        }
        groups = new int[found.size()][];
        groupMax = new double[groups.length][];
        for (int g = 0; g < groups.length; g++) {
            groups[g] = found.get(g).stream().mapToInt(Integer::intValue).toArray();
            int start = matrix.rowStart(groups[g][0]);
            groupMax[g] = new double[matrix.rowStart(groups[g][0] + 1) - start];
            for (int r : groups[g]) {
                for (int e = 0; e < groupMax[g].length; e++) {
                    groupMax[g][e] = Math.max(groupMax[g][e], Math.abs(matrix.weight(matrix.rowStart(r) + e)));
                }
            }
        }
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
        PolyKernels kernels = Kernels.get();
        Scratch s = Scratch.get(matrix.rows(), tile);
        int pieceBits = pieceBits(modulus);
        int pieces = (modulus.bits() + pieceBits - 1) / pieceBits;
        double budget = LIMIT / (1L << (pieceBits - 1));
        Arrays.fill(s.next, 0);
        Arrays.fill(s.folds, 0);
        for (int r = 0; r < matrix.rows(); r++) {
            Arrays.fill(s.total[r], 0);
        }
        for (int c0 = 0; c0 < in.length; c0 += CHUNK) {
            int c1 = Math.min(in.length, c0 + CHUNK);
            for (int c = c0; c < c1; c++) {
                System.arraycopy(in[c].limb(limb), from, s.pieces[0][c - c0], 0, tile);
                split(s, c - c0, pieces, pieceBits);
            }
            for (int g = 0; g < groups.length; g++) {
                int end = spanEnd(g, s.next[g], c1, budget);
                while (end > s.next[g]) {
                    for (int i = 0; i < pieces; i++) {
                        multiplyGroup(kernels, s, groups[g], s.next[g], end, c0, i, 1L << (pieceBits * i), modulus);
                    }
                    s.folds[g] += pieces;
                    if (s.folds[g] > MAX_FOLDS) {
                        reduce(kernels, s, groups[g], modulus);
                        s.folds[g] = 0;
                    }
                    s.next[g] = end;
                    end = spanEnd(g, end, c1, budget);
                }
            }
        }
        for (int[] rows : groups) {
            reduce(kernels, s, rows, modulus);
        }
        for (int r = 0; r < matrix.rows(); r++) {
            System.arraycopy(s.total[r], 0, out[r].limb(limb), from, tile);
        }
    }

    /** Adds entries k to end of a group's rows over one piece of the inputs to the rows' totals, times the piece's unit. */
    private void multiplyGroup(
            PolyKernels kernels, Scratch s, int[] rows, int k, int end, int c0, int piece, long unit, Modulus modulus) {
        int count = rows.length;
        for (int i = 0; i < count; i++) {
            Arrays.fill(s.sums[i], 0);
        }
        int base = matrix.rowStart(rows[0]);
        int second = count > 1 ? matrix.rowStart(rows[1]) - base : 0;
        int third = count > 2 ? matrix.rowStart(rows[2]) - base : 0;
        int step = count == 3 ? 2 : 3;
        for (int e = base + k; e < base + end; e += step) {
            // Past the end the first input stands in, with weight zero.
            double[] a = s.pieces[piece][matrix.column(e) - c0];
            boolean two = e + 1 < base + end;
            double[] b = two ? s.pieces[piece][matrix.column(e + 1) - c0] : a;
            double wa = matrix.weight(e);
            double wb = two ? matrix.weight(e + 1) : 0;
            double va = matrix.weight(e + second);
            double vb = two ? matrix.weight(e + second + 1) : 0;
            if (count == 3) {
                double ua = matrix.weight(e + third);
                double ub = two ? matrix.weight(e + third + 1) : 0;
                add2to3(s.sums[0], s.sums[1], s.sums[2], a, b, wa, wb, va, vb, ua, ub);
                continue;
            }
            boolean three = e + 2 < base + end;
            double[] c = three ? s.pieces[piece][matrix.column(e + 2) - c0] : a;
            double wc = three ? matrix.weight(e + 2) : 0;
            if (count == 1) {
                add3(s.sums[0], a, b, c, wa, wb, wc);
            } else {
                double vc = three ? matrix.weight(e + second + 2) : 0;
                add3to2(s.sums[0], s.sums[1], a, b, c, wa, wb, wc, va, vb, vc);
            }
        }
        for (int i = 0; i < count; i++) {
            if (FUSED) {
                addMultiple(s.total[rows[i]], s.sums[i], (double) unit, unit / modulus.p(), modulus.p());
            } else {
                kernels.multiplyScalarAdd(s.total[rows[i]], s.sums[i], (double) modulus.center(unit), modulus.p());
            }
        }
    }

    private static void reduce(PolyKernels kernels, Scratch s, int[] rows, Modulus modulus) {
        for (int r : rows) {
            kernels.reduce(s.total[r], s.total[r], modulus.p());
        }
    }

    /** Bits of a piece: half of the residue where the weights leave room for several terms, else a third. */
    private int pieceBits(Modulus modulus) {
        int half = (modulus.bits() + 1) / 2;
        double budget = LIMIT / (1L << (half - 1));
        return maxWeight <= budget && 8 * meanWeight <= budget ? half : Math.min(17, half);
    }

    /** The entry of a group behind those, from k on, whose inputs are at hand and whose weights the budget allows. */
    private int spanEnd(int group, int k, int c1, double budget) {
        double[] max = groupMax[group];
        int base = matrix.rowStart(groups[group][0]);
        double used = 0;
        int e = k;
        while (e < max.length && matrix.column(base + e) < c1) {
            used += max[e];
            if (used > budget) {
                break;
            }
            e++;
        }
        return e;
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

    /**
     * total += sum * unit, less a multiple of p, unit a power of two. In: |sum| at most 2^51; sum * unit at most 2^85, exact.
     * The quotient is off by less than 2^-15, so what is added is at most 0.51 p, exact in one fma; after {@value
     * #MAX_FOLDS} and a few times the total is still below 2^53.
     */
    private static void addMultiple(double[] total, double[] sum, double unit, double unitByP, double p) {
        for (int j = 0; j < total.length; j++) {
            total[j] += Math.fma(Math.rint(sum[j] * unitByP), -p, sum[j] * unit);
        }
    }

    /** Exact without fma: |sum + ...| stays below 2^51, so every product and sum is an integer that a double holds. */
    private static void add3(double[] sum, double[] a, double[] b, double[] c, double wa, double wb, double wc) {
        for (int j = 0; j < sum.length; j++) {
            sum[j] = sum[j] + a[j] * wa + b[j] * wb + c[j] * wc;
        }
    }

    /** Three terms of two sums: the inputs are loaded once for both. */
    private static void add3to2(
            double[] sum,
            double[] sum2,
            double[] a,
            double[] b,
            double[] c,
            double wa,
            double wb,
            double wc,
            double va,
            double vb,
            double vc) {
        for (int j = 0; j < sum.length; j++) {
            double x = a[j];
            double y = b[j];
            double z = c[j];
            sum[j] = sum[j] + x * wa + y * wb + z * wc;
            sum2[j] = sum2[j] + x * va + y * vb + z * vc;
        }
    }

    /** Two terms of three sums; three of three would be too large a loop for the compiler to vectorise. */
    private static void add2to3(
            double[] sum,
            double[] sum2,
            double[] sum3,
            double[] a,
            double[] b,
            double wa,
            double wb,
            double va,
            double vb,
            double ua,
            double ub) {
        for (int j = 0; j < sum.length; j++) {
            double x = a[j];
            double y = b[j];
            sum[j] = sum[j] + x * wa + y * wb;
            sum2[j] = sum2[j] + x * va + y * vb;
            sum3[j] = sum3[j] + x * ua + y * ub;
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
        int[] folds;

        private Scratch(int tile) {
            this.tile = tile;
            pieces = new double[3][CHUNK][tile];
            sums = new double[3][tile];
            total = new double[0][];
            next = new int[0];
            folds = new int[0];
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
                s.folds = new int[rows];
            }
            return s;
        }
    }
}
