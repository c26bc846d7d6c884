package org.veil4j.he.nn.graph;

import java.util.List;
import org.veil4j.he.nn.graph.NetworkGraph.Addition;
import org.veil4j.he.nn.graph.NetworkGraph.ChannelAffine;
import org.veil4j.he.nn.graph.NetworkGraph.Convolution;
import org.veil4j.he.nn.graph.NetworkGraph.Dense;
import org.veil4j.he.nn.graph.NetworkGraph.Node;
import org.veil4j.he.nn.graph.NetworkGraph.Polynomial;
import org.veil4j.he.nn.graph.NetworkGraph.Pooling;
import org.veil4j.he.nn.graph.NetworkGraph.Reshape;

/** Consistency of a node with the shapes that it reads, and finite weights. */
final class NodeChecks {
    private NodeChecks() {}

    static void check(Node node, List<TensorShape> inputs) {
        TensorShape in = inputs.isEmpty() ? node.shape() : inputs.get(0);
        if (node instanceof Convolution c) {
            long count =
                    (long) c.shape().channels() * in.channels() * c.window().size();
            requireLength(node, "weights", c.weights(), count);
            requireLength(node, "bias", c.bias(), c.shape().channels());
        } else if (node instanceof Dense d) {
            requireLength(
                    node, "weights", d.weights(), (long) in.size() * d.shape().size());
            requireLength(node, "bias", d.bias(), d.shape().size());
        } else if (node instanceof Pooling p) {
            requireShape(node, p.shape().channels() == in.channels() && p.divisor() >= 0, in);
        } else if (node instanceof ChannelAffine a) {
            requireShape(node, a.shape().equals(in), in);
            requireLength(node, "scale", a.scale(), in.channels());
            requireLength(node, "shift", a.shift(), in.channels());
        } else if (node instanceof Reshape) {
            requireShape(node, node.shape().size() == in.size(), in);
        } else if (node instanceof Polynomial p) {
            requireShape(node, p.shape().equals(in), in);
            requireShape(node, p.coefficients().length == 1 || p.coefficients().length == in.channels(), in);
            for (double[] c : p.coefficients()) {
                requireLength(node, "coefficients", c, p.coefficients()[0].length);
            }
        } else if (node instanceof Addition a) {
            for (TensorShape s : inputs) {
                requireShape(node, a.shape().equals(s), s);
            }
        }
    }

    private static void requireShape(Node node, boolean fits, TensorShape in) {
        if (!fits) {
            throw new IllegalArgumentException(
                    "layer " + node.name() + ": shape " + node.shape() + " does not follow from its input's " + in);
        }
    }

    private static void requireLength(Node node, String what, double[] values, long length) {
        if (values.length != length || length == 0) {
            throw new IllegalArgumentException(
                    "layer " + node.name() + ": " + what + " has " + values.length + " numbers, must have " + length);
        }
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new IllegalArgumentException(
                        "layer " + node.name() + ": " + what + "[" + i + "]=" + values[i] + ", must be finite");
            }
        }
    }
}
