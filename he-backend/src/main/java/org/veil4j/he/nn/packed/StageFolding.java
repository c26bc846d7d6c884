package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.SparseMatrix;
import org.veil4j.he.nn.graph.ActivationForm;
import org.veil4j.he.nn.graph.Affine;
import org.veil4j.he.nn.graph.AffineMap;
import org.veil4j.he.nn.graph.GraphUse;
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
    /** Normalisations whose inverse multiplies by more are not undone: errors would become too large. */
    private static final double MAX_UNDOING_FACTOR = 1e3;

    private final NetworkGraph graph;
    private final Map<String, Affine> values = new HashMap<>();
    private final List<PackedStage> stages = new ArrayList<>();

    private StageFolding(NetworkGraph graph) {
        this.graph = graph;
    }

    /** The stages of a graph, inputs before their readers, the last one the network's result. */
    static List<PackedStage> fold(NetworkGraph graph) {
        StageFolding folding = new StageFolding(graph);
        GraphUse use = new GraphUse(graph);
        List<Node> waiting = new ArrayList<>();
        for (Node node : graph.nodes()) {
            if (use.isNeeded(node)) {
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
            values.put(
                    node.name(), Affine.identity(PackedStage.INPUT, node.shape().size()));
        } else if (node instanceof Reshape r) {
            values.put(node.name(), value(r.input()));
        } else if (node instanceof Linear l) {
            AffineMap map = AffineMap.of(l, graph.node(l.input()).shape());
            values.put(node.name(), value(l.input()).then(map, node.name()));
        } else if (node instanceof Addition a) {
            values.put(
                    node.name(), Affine.sum(a.inputs().stream().map(this::value).toList(), a.name()));
        } else if (node instanceof Polynomial p) {
            activation(p);
        }
    }

    private void activation(Polynomial p) {
        Affine x = value(p.input());
        ActivationForm form = ActivationForm.of(p);
        if (form instanceof ActivationForm.Line line) {
            values.put(p.name(), x.then(line.map(), p.name()));
        } else if (form instanceof ActivationForm.Square square) {
            int stage = square(p, x, square.inner());
            values.put(p.name(), Affine.of(PackedStage.result(stage), square.factor(), square.outer()));
        } else if (form instanceof ActivationForm.General general) {
            general(p, x, general.coefficients());
        }
    }

    private int square(Polynomial p, Affine x, double[] inner) {
        double[] bias = x.bias().clone();
        for (int k = 0; k < bias.length; k++) {
            bias[k] += inner[k];
        }
        int stage = finish(
                new Affine(x.sources(), x.matrices(), bias, x.label()),
                p.name(),
                PackedStage.Activation.SQUARE,
                null,
                p.shape());
        tap(p.input(), stage, inner);
        return stage;
    }

    /**
     * A quadratic that does not complete to a square is a sum of the square and the argument, both of which the next stage reads.
     * Higher degrees must be the same polynomial for all elements.
     */
    private void general(Polynomial p, Affine x, double[][] c) {
        int n = c.length;
        if (c[0].length == 3) {
            double[] constant = new double[n];
            double[] line = new double[n];
            double[] factor = new double[n];
            for (int k = 0; k < n; k++) {
                constant[k] = c[k][0];
                line[k] = c[k][1];
                factor[k] = c[k][2];
            }
            int stage = square(p, x, new double[n]);
            values.put(
                    p.name(),
                    new Affine(
                            new int[] {PackedStage.result(stage), PackedStage.tap(stage)},
                            new SparseMatrix[] {SparseMatrix.diagonal(factor), SparseMatrix.diagonal(line)},
                            constant,
                            ""));
            return;
        }
        for (double[] other : c) {
            if (!Arrays.equals(other, c[0])) {
                throw new IllegalArgumentException("layer " + p.name() + ": degree=" + (c[0].length - 1)
                        + " with other coefficients in each channel: the packed layout takes one polynomial for all"
                        + " channels, or degree 2; use the batch layout");
            }
        }
        int stage = finish(x, p.name(), PackedStage.Activation.POLYNOMIAL, c[0], p.shape());
        values.put(p.name(), Affine.identity(PackedStage.result(stage), n));
        tap(p.input(), stage, new double[n]);
    }

    /**
     * From now on the activation's input is read from the tap, and so is what a normalisation made it from.
     *
     * @param shift what was added to the input before the activation
     */
    private void tap(String input, int stage, double[] shift) {
        int n = shift.length;
        double[] scale = new double[n];
        Arrays.fill(scale, 1);
        double[] back = new double[n];
        for (int k = 0; k < n; k++) {
            back[k] = -shift[k];
        }
        String name = input;
        values.put(name, Affine.of(PackedStage.tap(stage), scale, back));
        while (graph.node(name) instanceof ChannelAffine a) {
            int plane = n / a.scale().length;
            scale = scale.clone();
            back = back.clone();
            for (int k = 0; k < n; k++) {
                back[k] = (back[k] - a.shift()[k / plane]) / a.scale()[k / plane];
                scale[k] /= a.scale()[k / plane];
                if (!(Math.abs(scale[k]) <= MAX_UNDOING_FACTOR)) {
                    return;
                }
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
        String label = activation == PackedStage.Activation.NONE && !x.label().isEmpty()
                ? x.label()
                : Affine.join(x.label(), name);
        stages.add(new PackedStage(
                new StageStructure(label, x.sources(), activation, polynomial, shape), x.matrices(), x.bias()));
        return stages.size() - 1;
    }
}
