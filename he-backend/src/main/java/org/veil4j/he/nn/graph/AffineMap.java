package org.veil4j.he.nn.graph;

import java.util.Arrays;
import org.veil4j.he.circuit.SparseMatrix;
import org.veil4j.he.nn.graph.NetworkGraph.ChannelAffine;
import org.veil4j.he.nn.graph.NetworkGraph.Convolution;
import org.veil4j.he.nn.graph.NetworkGraph.Dense;
import org.veil4j.he.nn.graph.NetworkGraph.Linear;
import org.veil4j.he.nn.graph.NetworkGraph.Pooling;
import org.veil4j.he.nn.graph.NetworkGraph.Window;

/**
 * A linear layer lowered to tensor elements: {@code y = matrix * x + bias}.
 *
 * @param matrix one row an output element, one column an input element
 * @param bias one number an output element
 */
public record AffineMap(SparseMatrix matrix, double[] bias) {

    /** First this map, then the given one. */
    public AffineMap then(AffineMap next) {
        double[] b = next.matrix.multiply(bias);
        for (int i = 0; i < b.length; i++) {
            b[i] += next.bias[i];
        }
        return new AffineMap(next.matrix.multiply(matrix), b);
    }

    /** Lowers a layer that reads a tensor of the given shape. */
    public static AffineMap of(Linear layer, TensorShape in) {
        if (layer instanceof Convolution c) {
            return convolution(c, in);
        } else if (layer instanceof Dense d) {
            return dense(d, in);
        } else if (layer instanceof Pooling p) {
            return pooling(p, in);
        } else if (layer instanceof ChannelAffine a) {
            return channelAffine(a, in);
        }
        return new AffineMap(SparseMatrix.identity(in.size()), new double[in.size()]);
    }

    private static AffineMap convolution(Convolution c, TensorShape in) {
        TensorShape out = c.shape();
        Window w = c.window();
        SparseMatrix.Builder rows = new SparseMatrix.Builder(in.size());
        double[] bias = new double[out.size()];
        for (int o = 0; o < out.channels(); o++) {
            for (int y = 0; y < out.height(); y++) {
                for (int x = 0; x < out.width(); x++) {
                    for (int i = 0; i < in.channels(); i++) {
                        int channel = i;
                        int base = (o * in.channels() + i) * w.size();
                        visit(w, in, y, x, (ky, kx, iy, ix) -> {
                            double v = c.weights()[base + ky * w.kernelWidth() + kx];
                            if (v != 0) {
                                rows.entry(in.index(channel, iy, ix), v);
                            }
                        });
                    }
                    rows.endRow();
                }
            }
            Arrays.fill(bias, out.index(o, 0, 0), out.index(o, 0, 0) + out.height() * out.width(), c.bias()[o]);
        }
        return new AffineMap(rows.build(), bias);
    }

    private static AffineMap dense(Dense d, TensorShape in) {
        SparseMatrix.Builder rows = new SparseMatrix.Builder(in.size());
        for (int o = 0; o < d.shape().size(); o++) {
            for (int i = 0; i < in.size(); i++) {
                double v = d.weights()[o * in.size() + i];
                if (v != 0) {
                    rows.entry(i, v);
                }
            }
            rows.endRow();
        }
        return new AffineMap(rows.build(), d.bias().clone());
    }

    private static AffineMap pooling(Pooling p, TensorShape in) {
        TensorShape out = p.shape();
        SparseMatrix.Builder rows = new SparseMatrix.Builder(in.size());
        for (int c = 0; c < out.channels(); c++) {
            int channel = c;
            for (int y = 0; y < out.height(); y++) {
                for (int x = 0; x < out.width(); x++) {
                    int[] inside = {0};
                    visit(p.window(), in, y, x, (ky, kx, iy, ix) -> inside[0]++);
                    double v = 1 / (p.divisor() == 0 ? Math.max(1, inside[0]) : p.divisor());
                    visit(p.window(), in, y, x, (ky, kx, iy, ix) -> rows.entry(in.index(channel, iy, ix), v));
                    rows.endRow();
                }
            }
        }
        return new AffineMap(rows.build(), new double[out.size()]);
    }

    private static AffineMap channelAffine(ChannelAffine a, TensorShape in) {
        double[] scale = new double[in.size()];
        double[] shift = new double[in.size()];
        int plane = in.height() * in.width();
        for (int k = 0; k < scale.length; k++) {
            scale[k] = a.scale()[k / plane];
            shift[k] = a.shift()[k / plane];
        }
        return new AffineMap(SparseMatrix.diagonal(scale), shift);
    }

    private interface Visitor {
        void at(int kernelRow, int kernelColumn, int row, int column);
    }

    /** Visits the elements of a window that lie inside the image, in ascending order. */
    private static void visit(Window w, TensorShape in, int outRow, int outColumn, Visitor visitor) {
        for (int ky = 0; ky < w.kernelHeight(); ky++) {
            int iy = outRow * w.strideY() - w.padTop() + ky * w.dilationY();
            if (iy < 0 || iy >= in.height()) {
                continue;
            }
            for (int kx = 0; kx < w.kernelWidth(); kx++) {
                int ix = outColumn * w.strideX() - w.padLeft() + kx * w.dilationX();
                if (ix >= 0 && ix < in.width()) {
                    visitor.at(ky, kx, iy, ix);
                }
            }
        }
    }
}
