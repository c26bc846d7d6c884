package org.veil4j.he.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.NetworkGraph.Addition;
import org.veil4j.he.nn.graph.NetworkGraph.ChannelAffine;
import org.veil4j.he.nn.graph.NetworkGraph.Polynomial;
import org.veil4j.he.nn.graph.NetworkGraph.Pooling;
import org.veil4j.he.nn.graph.NetworkGraph.Reshape;
import org.veil4j.he.nn.graph.NetworkGraph.Window;
import org.veil4j.he.nn.graph.TensorShape;

/** Random graphs of all kinds of layers, small. */
public final class RandomGraphs {
    private RandomGraphs() {}

    /** A graph of 3 to 10 layers with at most four polynomials. */
    public static NetworkGraph graph(Random random) {
        TensorShape in = new TensorShape(1 + random.nextInt(2), 4 + random.nextInt(3), 4 + random.nextInt(3));
        NetworkGraph.Builder b = NetworkGraph.builder("in", in);
        List<String> names = new ArrayList<>(List.of("in"));
        int polynomials = 0;
        int count = 3 + random.nextInt(8);
        for (int i = 0; i < count; i++) {
            // Mostly the newest node, so that networks become deep; sometimes any other.
            String from = names.get(random.nextInt(3) > 0 ? names.size() - 1 : random.nextInt(names.size()));
            String name = "n" + i;
            TensorShape shape = b.shape(from);
            switch (random.nextInt(7)) {
                case 0 -> b.add(ReferenceNetwork.dense(random, name, from, shape.size(), 1 + random.nextInt(6)));
                case 1 -> {
                    int kernel = 1 + random.nextInt(Math.min(3, Math.min(shape.height(), shape.width())));
                    b.add(ReferenceNetwork.convolution(
                            random,
                            name,
                            from,
                            shape,
                            1 + random.nextInt(3),
                            kernel,
                            1 + random.nextInt(2),
                            random.nextInt(2)));
                }
                case 2 -> b.add(pooling(random, name, from, shape));
                case 3 ->
                    b.add(new ChannelAffine(
                            name,
                            from,
                            shape,
                            ReferenceNetwork.random(random, shape.channels(), 1),
                            ReferenceNetwork.random(random, shape.channels(), 0.5)));
                case 4 -> b.add(addition(b, random, name, from, names));
                case 5 -> b.add(new Reshape(name, from, TensorShape.vector(shape.size())));
                default -> {
                    if (polynomials++ < 4) {
                        b.add(polynomial(random, name, from, shape));
                    } else {
                        b.add(new Reshape(name, from, shape));
                    }
                }
            }
            names.add(name);
        }
        return b.build(names.get(random.nextInt(4) > 0 ? names.size() - 1 : 1 + random.nextInt(names.size() - 1)));
    }

    private static Pooling pooling(Random random, String name, String from, TensorShape in) {
        int kernel = 1 + random.nextInt(Math.min(3, Math.min(in.height(), in.width())));
        int stride = 1 + random.nextInt(kernel);
        int pad = kernel > 1 ? random.nextInt(2) : 0;
        TensorShape shape = new TensorShape(
                in.channels(),
                (in.height() + 2 * pad - kernel) / stride + 1,
                (in.width() + 2 * pad - kernel) / stride + 1);
        double divisor = new double[] {0, 1, kernel * kernel}[random.nextInt(3)];
        return new Pooling(name, from, shape, new Window(kernel, kernel, stride, stride, pad, pad, 1, 1), divisor);
    }

    /** With every earlier node of the same shape, itself among them. */
    private static Addition addition(
            NetworkGraph.Builder b, Random random, String name, String from, List<String> names) {
        List<String> inputs = new ArrayList<>(List.of(from));
        for (String other : names) {
            if (b.shape(other).equals(b.shape(from)) && random.nextBoolean()) {
                inputs.add(other);
            }
        }
        return new Addition(name, inputs, b.shape(from));
    }

    private static Polynomial polynomial(Random random, String name, String from, TensorShape shape) {
        int degree = 1 + random.nextInt(4);
        double[][] coefficients = new double[random.nextBoolean() ? 1 : shape.channels()][];
        for (int c = 0; c < coefficients.length; c++) {
            coefficients[c] = ReferenceNetwork.random(random, degree + 1, 0.5);
            if (random.nextInt(4) == 0) {
                coefficients[c][random.nextInt(degree + 1)] = 0;
            }
        }
        return new Polynomial(name, from, shape, coefficients);
    }
}
