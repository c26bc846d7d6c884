package org.veil4j.he.nn.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network as encryption sees it: a directed acyclic graph of linear layers, polynomial activations and additions,
 * with its trained weights. Framework-neutral; {@code org.veil4j.he.dl4j.Dl4jImporter} makes one from a DL4J network.
 * Immutable.
 */
public final class NetworkGraph {
    private final Map<String, Node> nodes;
    private final String output;
    private final List<String> notes;

    private NetworkGraph(Map<String, Node> nodes, String output, List<String> notes) {
        this.nodes = nodes;
        this.output = output;
        this.notes = notes;
    }

    /** All nodes, inputs of a node before the node. */
    public List<Node> nodes() {
        return List.copyOf(nodes.values());
    }

    /** The node of that name. */
    public Node node(String name) {
        Node node = nodes.get(name);
        if (node == null) {
            throw new IllegalArgumentException("node=" + name + ": no such node; there are " + nodes.keySet());
        }
        return node;
    }

    /** Shape of an example at the input. */
    public TensorShape inputShape() {
        return nodes.values().iterator().next().shape();
    }

    /** The node whose values are the result. */
    public Node output() {
        return node(output);
    }

    /** What the importer changed or left out, for people: for example that a final softmax was dropped. */
    public List<String> notes() {
        return notes;
    }

    /** One operation on one example's tensor. */
    public sealed interface Node {
        /** Unique name. */
        String name();

        /** Names of the nodes that this one reads. */
        List<String> inputs();

        /** Shape of its result. */
        TensorShape shape();
    }

    /** The network's input. */
    public record Input(String name, TensorShape shape) implements Node {
        @Override
        public List<String> inputs() {
            return List.of();
        }
    }

    /** A node that computes an affine function of one tensor. */
    public sealed interface Linear extends Node {
        /** The node read. */
        String input();

        @Override
        default List<String> inputs() {
            return List.of(input());
        }
    }

    /**
     * Cross-correlation with zero padding.
     *
     * @param weights [out][in][kernel rows][kernel columns], flattened
     * @param bias one number an output channel
     */
    public record Convolution(
            String name, String input, TensorShape shape, Window window, double[] weights, double[] bias)
            implements Linear {}

    /**
     * Matrix times vector; the input tensor is read in element order.
     *
     * @param weights [out][in], flattened
     * @param bias one number an output
     */
    public record Dense(String name, String input, TensorShape shape, double[] weights, double[] bias)
            implements Linear {}

    /**
     * Sum or mean over windows of each channel.
     *
     * @param divisor what each sum is divided by: 1 for sums, the window's size for means over full windows; 0 means
     *     the number of elements of the window that lie inside the image
     */
    public record Pooling(String name, String input, TensorShape shape, Window window, double divisor)
            implements Linear {}

    /** Channel-wise {@code scale[c] * x + shift[c]}: batch normalisation with fixed statistics. */
    public record ChannelAffine(String name, String input, TensorShape shape, double[] scale, double[] shift)
            implements Linear {}

    /** The same elements under another shape, in the same order. */
    public record Reshape(String name, String input, TensorShape shape) implements Linear {}

    /**
     * Elementwise polynomial.
     *
     * @param coefficients lowest power first, one array for all channels or one a channel, all of one length
     */
    public record Polynomial(String name, String input, TensorShape shape, double[][] coefficients) implements Node {
        @Override
        public List<String> inputs() {
            return List.of(input);
        }

        /** Largest power. */
        public int degree() {
            return coefficients[0].length - 1;
        }

        double coefficient(int channel, int power) {
            return coefficients[coefficients.length == 1 ? 0 : channel][power];
        }
    }

    /** Elementwise sum of tensors of one shape. */
    public record Addition(String name, List<String> inputs, TensorShape shape) implements Node {
        /** Copies the list. */
        public Addition {
            inputs = List.copyOf(inputs);
        }
    }

    /**
     * Geometry of a sliding window.
     *
     * @param kernelHeight rows
     * @param kernelWidth columns
     * @param strideY rows between windows
     * @param strideX columns between windows
     * @param padTop zero rows above
     * @param padLeft zero columns to the left
     * @param dilationY rows between kernel elements, 1 for a dense kernel
     * @param dilationX columns between kernel elements
     */
    public record Window(
            int kernelHeight,
            int kernelWidth,
            int strideY,
            int strideX,
            int padTop,
            int padLeft,
            int dilationY,
            int dilationX) {
        /** Checks the sizes. */
        public Window {
            if (kernelHeight < 1
                    || kernelWidth < 1
                    || strideY < 1
                    || strideX < 1
                    || padTop < 0
                    || padLeft < 0
                    || dilationY < 1
                    || dilationX < 1) {
                throw new IllegalArgumentException("window=" + kernelHeight + "x" + kernelWidth + " stride " + strideY
                        + "," + strideX + " padding " + padTop + "," + padLeft + " dilation " + dilationY + ","
                        + dilationX + ": sizes must be positive, padding not negative");
            }
        }

        /** Elements of the kernel. */
        public int size() {
            return kernelHeight * kernelWidth;
        }
    }

    /** A builder that starts with the input. */
    public static Builder builder(String inputName, TensorShape inputShape) {
        return new Builder(inputName, inputShape);
    }

    /** Collects nodes in an order in which inputs come first, and checks each against what it reads. */
    public static final class Builder {
        private final Map<String, Node> nodes = new LinkedHashMap<>();
        private final List<String> notes = new ArrayList<>();

        private Builder(String inputName, TensorShape inputShape) {
            nodes.put(inputName, new Input(inputName, inputShape));
        }

        /** Shape of a node that is already there. */
        public TensorShape shape(String name) {
            Node node = nodes.get(name);
            if (node == null) {
                throw new IllegalArgumentException("input=" + name + ": no such node; there are " + nodes.keySet());
            }
            return node.shape();
        }

        /** Adds a node. */
        public Builder add(Node node) {
            if (nodes.containsKey(node.name())) {
                throw new IllegalArgumentException("name=" + node.name() + ": already taken");
            }
            NodeChecks.check(node, node.inputs().stream().map(this::shape).toList());
            nodes.put(node.name(), node);
            return this;
        }

        /** Adds a remark for the user. */
        public Builder note(String note) {
            notes.add(note);
            return this;
        }

        /** The graph whose result is the named node. */
        public NetworkGraph build(String outputName) {
            shape(outputName);
            return new NetworkGraph(new LinkedHashMap<>(nodes), outputName, List.copyOf(notes));
        }
    }
}
