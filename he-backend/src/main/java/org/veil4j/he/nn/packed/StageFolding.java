package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.PolynomialEvaluator;
import org.veil4j.he.circuit.SparseMatrix;
import org.veil4j.he.nn.graph.AffineMap;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.NetworkGraph.Addition;
import org.veil4j.he.nn.graph.NetworkGraph.ChannelAffine;
import org.veil4j.he.nn.graph.NetworkGraph.Input;
import org.veil4j.he.nn.graph.NetworkGraph.Linear;
import org.veil4j.he.nn.graph.NetworkGraph.Node;
import org.veil4j.he.nn.graph.NetworkGraph.Polynomial;
import org.veil4j.he.nn.graph.NetworkGraph.Reshape;
import org.veil4j.he.nn.graph.TensorShape;

/**
 * Turns a graph into packed stages: everything affine between two activations is multiplied out. Unlike in the batch layout, a
 * value that is read both by an activation and by a shortcut is kept before its activation (a tap): the shortcut then reads one
 * tensor, by a few diagonals, instead of everything that led to it.
 */
final class StageFolding {
    /** Beyond this shift of the argument a completed square would lose too many bits to cancellation. */
    private static final double MAX_SQUARE_SHIFT = 32;
    /** A normalisation that multiplies by less is not undone: its inverse would enlarge errors too much. */
    private static final double MIN_UNDONE_SCALE = 1e-3;

    private final NetworkGraph graph;
    private final Set<String> needed = new HashSet<>();
    private final Map<String, Affine> values = new HashMap<>();
    private final List<PackedStage> stages = new ArrayList<>();

    private StageFolding(NetworkGraph graph) {
        this.graph = graph;
        needed.add(graph.output().name());
        List<Node> nodes = graph.nodes();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            if (needed.contains(nodes.get(i).name())) {
                needed.addAll(nodes.get(i).inputs());
            }
        }
    }

    /** The stages of a graph, inputs before their readers, the last one the network's result. */
    static List<PackedStage> fold(NetworkGraph graph) {
        StageFolding folding = new StageFolding(graph);
        List<Node> waiting = new ArrayList<>();
        for (Node node : graph.nodes()) {
            if (folding.needed.contains(node.name())) {
                waiting.add(node);
            }
        }
        while (!waiting.isEmpty()) {
            Node node = folding.next(waiting);
            waiting.remove(node);
            folding.visit(node);
        }
        folding.finish(
                folding.value(graph.output().name()),
                graph.output().name(),
                PackedStage.Activation.NONE,
                null,
                graph.output().shape());
        return List.copyOf(folding.stages);
    }

    /** An affine function of finished tensors: {@code sum over i of matrices[i] * tensor(sources[i]) + bias}. */
    private record Affine(int[] sources, SparseMatrix[] matrices, double[] bias, String label) {
        static Affine of(int source, double[] factor, double[] bias) {
            return new Affine(new int[] {source}, new SparseMatrix[] {SparseMatrix.diagonal(factor)}, bias, "");
        }
    }

    private Affine value(String name) {
        Affine v = values.get(name);
        if (v == null) {
            throw new IllegalStateException("node " + name + " is read before it is computed");
        }
        return v;
    }

    /** Normalisations and activations go first, so that shortcuts find the taps. */
    private Node next(List<Node> waiting) {
        Node any = null;
        for (Node node : waiting) {
            if (values.keySet().containsAll(node.inputs())) {
                if (node instanceof ChannelAffine || node instanceof Polynomial) {
                    return node;
                }
                any = any == null ? node : any;
            }
        }
        if (any == null) {
            throw new IllegalStateException("a graph lists inputs before their readers");
        }
        return any;
    }

    private void visit(Node node) {
        if (node instanceof Input) {
            double[] ones = ones(node.shape().size());
            values.put(node.name(), Affine.of(PackedStage.INPUT, ones, new double[ones.length]));
        } else if (node instanceof Reshape r) {
            values.put(node.name(), value(r.input()));
        } else if (node instanceof Linear l) {
            AffineMap map = AffineMap.of(l, graph.node(l.input()).shape());
            values.put(node.name(), compose(value(l.input()), map, node.name()));
        } else if (node instanceof Addition a) {
            values.put(node.name(), sum(a));
        } else if (node instanceof Polynomial p) {
            activation(p);
        }
    }

    private static double[] ones(int size) {
        double[] ones = new double[size];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static Affine compose(Affine x, AffineMap map, String name) {
        SparseMatrix[] matrices = new SparseMatrix[x.matrices.length];
        for (int i = 0; i < matrices.length; i++) {
            matrices[i] = map.matrix().multiply(x.matrices[i]);
        }
        double[] bias = map.matrix().multiply(x.bias);
        for (int i = 0; i < bias.length; i++) {
            bias[i] += map.bias()[i];
        }
        return new Affine(x.sources, matrices, bias, join(x.label, name));
    }

    private static String join(String a, String b) {
        return a.isEmpty() ? b : a + "+" + b;
    }

    private Affine sum(Addition a) {
        List<Integer> sources = new ArrayList<>();
        List<SparseMatrix> matrices = new ArrayList<>();
        double[] bias = new double[a.shape().size()];
        for (String input : a.inputs()) {
            Affine x = value(input);
            for (int i = 0; i < x.sources.length; i++) {
                int known = sources.indexOf(x.sources[i]);
                if (known < 0) {
                    sources.add(x.sources[i]);
                    matrices.add(x.matrices[i]);
                } else {
                    matrices.set(known, matrices.get(known).add(x.matrices[i]));
                }
            }
            for (int k = 0; k < bias.length; k++) {
                bias[k] += x.bias[k];
            }
        }
        return new Affine(
                sources.stream().mapToInt(Integer::intValue).toArray(),
                matrices.toArray(new SparseMatrix[0]),
                bias,
                a.name());
    }

    private void activation(Polynomial p) {
        Affine x = value(p.input());
        int n = p.shape().size();
        int plane = p.shape().height() * p.shape().width();
        double[][] c = new double[n][];
        for (int k = 0; k < n; k++) {
            c[k] = p.coefficients()[p.coefficients().length == 1 ? 0 : k / plane];
        }
        int degree = p.degree();
        while (degree > 0 && allZero(c, degree)) {
            degree--;
        }
        if (degree <= 1) {
            double[] scale = new double[n];
            double[] shift = new double[n];
            for (int k = 0; k < n; k++) {
                shift[k] = c[k][0];
                scale[k] = degree == 0 ? 0 : c[k][1];
            }
            values.put(p.name(), compose(x, new AffineMap(SparseMatrix.diagonal(scale), shift), p.name()));
        } else if (degree == 2) {
            quadratic(p, x, c);
        } else {
            higher(p, x, c, degree);
        }
    }

    private static boolean allZero(double[][] coefficients, int power) {
        for (double[] c : coefficients) {
            if (c[power] != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * A quadratic is the square of a shifted argument; where that would lose bits, it is a sum of the square and the argument,
     * both of which the next stage reads.
     */
    private void quadratic(Polynomial p, Affine x, double[][] c) {
        int n = c.length;
        boolean completes = completesToSquare(c);
        double[] bias = x.bias.clone();
        double[] half = new double[n];
        double[] square = new double[n];
        double[] line = new double[n];
        double[] shift = new double[n];
        for (int k = 0; k < n; k++) {
            half[k] = completes ? c[k][1] / (2 * c[k][2]) : 0;
            bias[k] += half[k];
            square[k] = c[k][2];
            line[k] = c[k][1];
            shift[k] = c[k][0] - c[k][2] * half[k] * half[k];
        }
        int stage = finish(
                new Affine(x.sources, x.matrices, bias, x.label),
                p.name(),
                PackedStage.Activation.SQUARE,
                null,
                p.shape());
        values.put(
                p.name(),
                completes
                        ? Affine.of(PackedStage.result(stage), square, shift)
                        : new Affine(
                                new int[] {PackedStage.result(stage), PackedStage.tap(stage)},
                                new SparseMatrix[] {SparseMatrix.diagonal(square), SparseMatrix.diagonal(line)},
                                shift,
                                ""));
        tap(p.input(), stage, half);
    }

    private static boolean completesToSquare(double[][] coefficients) {
        for (double[] c : coefficients) {
            if (!(Math.abs(c[1]) <= 2 * MAX_SQUARE_SHIFT * Math.abs(c[2])) || c[2] == 0) {
                return false;
            }
        }
        return true;
    }

    private void higher(Polynomial p, Affine x, double[][] c, int degree) {
        if (degree > PolynomialEvaluator.MAX_DEGREE) {
            throw new IllegalArgumentException(
                    "layer " + p.name() + ": degree=" + degree + ", must be at most " + PolynomialEvaluator.MAX_DEGREE);
        }
        for (double[] other : c) {
            if (!Arrays.equals(other, c[0])) {
                throw new IllegalArgumentException("layer " + p.name() + ": degree=" + degree
                        + " with other coefficients in each channel: the packed layout takes one polynomial for all"
                        + " channels, or degree 2; use the batch layout");
            }
        }
        int stage = finish(x, p.name(), PackedStage.Activation.POLYNOMIAL, Arrays.copyOf(c[0], degree + 1), p.shape());
        values.put(p.name(), Affine.of(PackedStage.result(stage), ones(c.length), new double[c.length]));
        tap(p.input(), stage, new double[c.length]);
    }

    /**
     * From now on the activation's input is read from the tap, and so is what a normalisation made it from.
     *
     * @param shift what was added to the input before the activation
     */
    private void tap(String input, int stage, double[] shift) {
        int n = shift.length;
        double[] scale = ones(n);
        double[] back = new double[n];
        for (int k = 0; k < n; k++) {
            back[k] = -shift[k];
        }
        String name = input;
        values.put(name, Affine.of(PackedStage.tap(stage), scale, back));
        while (graph.node(name) instanceof ChannelAffine a) {
            int plane = n / a.scale().length;
            for (double s : a.scale()) {
                if (Math.abs(s) < MIN_UNDONE_SCALE) {
                    return;
                }
            }
            scale = scale.clone();
            back = back.clone();
            for (int k = 0; k < n; k++) {
                back[k] = (back[k] - a.shift()[k / plane]) / a.scale()[k / plane];
                scale[k] /= a.scale()[k / plane];
            }
            name = a.input();
            values.put(name, Affine.of(PackedStage.tap(stage), scale, back));
        }
    }

    private int finish(
            Affine x,
            String name,
            PackedStage.Activation activation,
            double @Nullable [] polynomial,
            TensorShape shape) {
        stages.add(new PackedStage(
                activation == PackedStage.Activation.NONE && !x.label.isEmpty() ? x.label : join(x.label, name),
                x.sources,
                x.matrices,
                x.bias,
                activation,
                polynomial,
                shape));
        return stages.size() - 1;
    }
}
