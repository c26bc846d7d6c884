package org.veil4j.he.nn;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.NetworkGraph.Addition;
import org.veil4j.he.nn.graph.NetworkGraph.ChannelAffine;
import org.veil4j.he.nn.graph.NetworkGraph.Convolution;
import org.veil4j.he.nn.graph.NetworkGraph.Dense;
import org.veil4j.he.nn.graph.NetworkGraph.Input;
import org.veil4j.he.nn.graph.NetworkGraph.Node;
import org.veil4j.he.nn.graph.NetworkGraph.Polynomial;
import org.veil4j.he.nn.graph.NetworkGraph.Pooling;
import org.veil4j.he.nn.graph.NetworkGraph.Reshape;
import org.veil4j.he.nn.graph.NetworkGraph.Window;
import org.veil4j.he.nn.graph.TensorShape;

/** Evaluates a graph node by node with plain nested loops, sharing no code with the planner; and builds test graphs. */
public final class ReferenceNetwork {
    private ReferenceNetwork() {}

    public static double[] run(NetworkGraph graph, double[] input) {
        Map<String, double[]> values = new HashMap<>();
        for (Node node : graph.nodes()) {
            double[] x = node.inputs().isEmpty()
                    ? input
                    : Objects.requireNonNull(values.get(node.inputs().get(0)));
            TensorShape in = node.inputs().isEmpty()
                    ? node.shape()
                    : graph.node(node.inputs().get(0)).shape();
            TensorShape out = node.shape();
            double[] y = new double[out.size()];
            if (node instanceof Input || node instanceof Reshape) {
                y = x.clone();
            } else if (node instanceof Dense d) {
                for (int o = 0; o < y.length; o++) {
                    y[o] = d.bias()[o];
                    for (int i = 0; i < x.length; i++) {
                        y[o] += d.weights()[o * x.length + i] * x[i];
                    }
                }
            } else if (node instanceof ChannelAffine a) {
                for (int k = 0; k < y.length; k++) {
                    int c = k / (in.height() * in.width());
                    y[k] = a.scale()[c] * x[k] + a.shift()[c];
                }
            } else if (node instanceof Polynomial p) {
                for (int k = 0; k < y.length; k++) {
                    int c = k / (in.height() * in.width());
                    double[] f = p.coefficients()[p.coefficients().length == 1 ? 0 : c];
                    for (int i = f.length - 1; i >= 0; i--) {
                        y[k] = y[k] * x[k] + f[i];
                    }
                }
            } else if (node instanceof Addition a) {
                for (String name : a.inputs()) {
                    for (int k = 0; k < y.length; k++) {
                        y[k] += Objects.requireNonNull(values.get(name))[k];
                    }
                }
            } else if (node instanceof Convolution || node instanceof Pooling) {
                Window w = node instanceof Convolution c ? c.window() : ((Pooling) node).window();
                for (int k = 0; k < y.length; k++) {
                    int o = k / (out.height() * out.width());
                    int row = k / out.width() % out.height();
                    int column = k % out.width();
                    int inside = 0;
                    double sum = 0;
                    for (int c = 0; c < in.channels(); c++) {
                        for (int t = 0; t < w.size(); t++) {
                            int iy = row * w.strideY() - w.padTop() + t / w.kernelWidth() * w.dilationY();
                            int ix = column * w.strideX() - w.padLeft() + t % w.kernelWidth() * w.dilationX();
                            if (iy < 0 || ix < 0 || iy >= in.height() || ix >= in.width()) {
                                continue;
                            }
                            double v = x[in.index(c, iy, ix)];
                            if (node instanceof Convolution conv) {
                                sum += conv.weights()[(o * in.channels() + c) * w.size() + t] * v;
                            } else if (c == o) {
                                sum += v;
                                inside++;
                            }
                        }
                    }
                    y[k] = node instanceof Convolution conv
                            ? sum + conv.bias()[o]
                            : sum / (((Pooling) node).divisor() == 0 ? inside : ((Pooling) node).divisor());
                }
            }
            values.put(node.name(), y);
        }
        return Objects.requireNonNull(values.get(graph.output().name()));
    }

    public static double[] random(Random random, int length, double magnitude) {
        double[] a = new double[length];
        for (int i = 0; i < length; i++) {
            a[i] = (random.nextDouble() * 2 - 1) * magnitude;
        }
        return a;
    }

    public static Convolution convolution(
            Random random, String name, String input, TensorShape in, int out, int kernel, int stride, int pad) {
        TensorShape shape = new TensorShape(
                out, (in.height() + 2 * pad - kernel) / stride + 1, (in.width() + 2 * pad - kernel) / stride + 1);
        double magnitude = 1.5 / Math.sqrt(in.channels() * kernel * kernel);
        return new Convolution(
                name,
                input,
                shape,
                new Window(kernel, kernel, stride, stride, pad, pad, 1, 1),
                random(random, out * in.channels() * kernel * kernel, magnitude),
                random(random, out, 0.5));
    }

    public static Dense dense(Random random, String name, String input, int in, int out) {
        return new Dense(
                name,
                input,
                TensorShape.vector(out),
                random(random, in * out, 1.5 / Math.sqrt(in)),
                random(random, out, 0.5));
    }

    /** CryptoNet in small: convolution, square, pooling, convolution, pooling, dense, square, dense. */
    public static NetworkGraph smallCryptoNet(Random random) {
        TensorShape in = new TensorShape(2, 9, 9);
        NetworkGraph.Builder b = NetworkGraph.builder("in", in);
        Convolution c1 = convolution(random, "c1", "in", in, 3, 3, 1, 1);
        b.add(c1).add(new Polynomial("a1", "c1", c1.shape(), new double[][] {{0, 0, 1}}));
        TensorShape pooled = new TensorShape(3, 4, 4);
        b.add(new Pooling("p1", "a1", pooled, new Window(2, 2, 2, 2, 0, 0, 1, 1), 4));
        Convolution c2 = convolution(random, "c2", "p1", pooled, 6, 3, 1, 1);
        b.add(c2).add(new Pooling("p2", "c2", new TensorShape(6, 2, 2), new Window(3, 3, 1, 1, 0, 0, 1, 1), 9));
        b.add(new Reshape("flat", "p2", TensorShape.vector(24)));
        b.add(dense(random, "d1", "flat", 24, 7));
        b.add(new Polynomial("a2", "d1", TensorShape.vector(7), new double[][] {{0.1, 0.5, 0.25}}));
        b.add(dense(random, "d2", "a2", 7, 4));
        return b.build("d2");
    }

    /** A residual block with normalisation, per-channel cubic activation and a projection; pooling reads padding. */
    public static NetworkGraph smallResidual(Random random) {
        TensorShape in = new TensorShape(1, 6, 6);
        NetworkGraph.Builder b = NetworkGraph.builder("in", in);
        Convolution stem = convolution(random, "stem", "in", in, 2, 3, 1, 1);
        b.add(stem);
        b.add(new ChannelAffine("bn", "stem", stem.shape(), new double[] {0.5, -0.75}, new double[] {0.1, 0.2}));
        b.add(new Polynomial("a0", "bn", stem.shape(), new double[][] {{0.1, 0.6, 0.2, 0}, {0, 0.5, 0.1, 0.05}}));
        Convolution c1 = convolution(random, "c1", "a0", stem.shape(), 3, 3, 2, 1);
        Convolution shortcut = convolution(random, "sc", "bn", stem.shape(), 3, 1, 2, 0);
        b.add(c1).add(shortcut);
        b.add(new Addition("add", java.util.List.of("c1", "sc"), c1.shape()));
        b.add(new Polynomial("a1", "add", c1.shape(), new double[][] {{0.2, 0.5, 0.2}}));
        b.add(new Addition("add2", java.util.List.of("a1", "add"), c1.shape()));
        b.add(new Pooling("pool", "add2", new TensorShape(3, 2, 2), new Window(2, 2, 2, 2, 1, 1, 1, 1), 0));
        b.add(dense(random, "out", "pool", 12, 3));
        return b.build("out");
    }
}
