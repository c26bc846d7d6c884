package org.veil4j.he.nn.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.SparseMatrix;
import org.veil4j.he.nn.graph.ActivationForm;
import org.veil4j.he.nn.graph.ActivationForm.General;
import org.veil4j.he.nn.graph.ActivationForm.Line;
import org.veil4j.he.nn.graph.ActivationForm.Square;
import org.veil4j.he.nn.graph.Affine;
import org.veil4j.he.nn.graph.AffineMap;
import org.veil4j.he.nn.graph.GraphUse;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.NetworkGraph.Addition;
import org.veil4j.he.nn.graph.NetworkGraph.Input;
import org.veil4j.he.nn.graph.NetworkGraph.Linear;
import org.veil4j.he.nn.graph.NetworkGraph.Node;
import org.veil4j.he.nn.graph.NetworkGraph.Polynomial;
import org.veil4j.he.nn.graph.NetworkGraph.Pooling;
import org.veil4j.he.nn.graph.NetworkGraph.Reshape;

/**
 * Turns a graph into stages. Between two activations everything is affine, so it is multiplied out into one sparse
 * matrix ({@link Affine}): normalisation, pooling, flattening, dense layers, and the constant factor and shift that an
 * activation leaves behind ({@link ActivationForm}). Pooling that directly follows an activation is added up right there, while the values are at hand.
 */
final class StagePlanner {
    private final NetworkGraph graph;
    private final GraphUse use;
    private final Map<String, Affine> values = new HashMap<>();
    private final List<Stage> stages = new ArrayList<>();

    private StagePlanner(NetworkGraph graph) {
        this.graph = graph;
        this.use = new GraphUse(graph);
    }

    /** The stages of a graph, inputs before their readers, the last one the network's result. */
    static List<Stage> plan(NetworkGraph graph) {
        StagePlanner planner = new StagePlanner(graph);
        for (Node node : graph.nodes()) {
            if (planner.use.isNeeded(node) && !planner.values.containsKey(node.name())) {
                planner.visit(node);
            }
        }
        Affine result = planner.value(graph.output().name());
        planner.stage(result, graph.output().name(), result.bias(), Stage.Activation.NONE, null, null);
        return List.copyOf(planner.stages);
    }

    private Affine value(String name) {
        Affine v = values.get(name);
        if (v == null) {
            throw new IllegalStateException("node " + name + " is read before it is computed");
        }
        return v;
    }

    private void visit(Node node) {
        if (node instanceof Input) {
            values.put(
                    node.name(),
                    Affine.identity(Stage.NETWORK_INPUT, node.shape().size()));
        } else if (node instanceof Reshape r) {
            values.put(node.name(), value(r.input()));
        } else if (node instanceof Linear l) {
            AffineMap map = AffineMap.of(l, graph.node(l.input()).shape());
            values.put(node.name(), compose(value(l.input()), map, node.name()));
        } else if (node instanceof Addition a) {
            values.put(
                    node.name(), Affine.sum(a.inputs().stream().map(this::value).toList(), a.name()));
        } else if (node instanceof Polynomial p) {
            activation(p);
        }
    }

    private Affine compose(Affine x, AffineMap map, String name) {
        Affine composed = x.then(map, name);
        if (x.matrices().length == 1
                && isUniformSum(x.matrices()[0])
                && composed.matrices()[0].entries() > map.matrix().entries() + x.matrices()[0].entries()) {
            return materializeSum(x).then(map, name);
        }
        return composed;
    }

    /** Whether a matrix adds up elements with one common weight, and is not a mere diagonal. */
    private static boolean isUniformSum(SparseMatrix m) {
        for (int k = 1; k < m.entries(); k++) {
            if (m.value(k) != m.value(0)) {
                return false;
            }
        }
        return m.entries() > m.rows();
    }

    /** Adds up in a stage of its own, which takes no level; the common weight goes to the reader. */
    private Affine materializeSum(Affine x) {
        SparseMatrix m = x.matrices()[0];
        double weight = m.value(0);
        double[] inverse = new double[m.rows()];
        Arrays.fill(inverse, 1 / weight);
        SparseMatrix unit = m.scaleRows(inverse);
        stages.add(
                new Stage(x.label(), x.sources(), unit, true, new double[m.rows()], Stage.Activation.NONE, null, null));
        double[] factor = new double[m.rows()];
        Arrays.fill(factor, weight);
        return Affine.of(stages.size() - 1, factor, x.bias());
    }

    private void activation(Polynomial p) {
        Affine x = value(p.input());
        ActivationForm form = ActivationForm.of(p);
        if (form instanceof Line line) {
            values.put(p.name(), compose(x, line.map(), p.name()));
        } else if (form instanceof Square square) {
            double[] bias = x.bias().clone();
            for (int k = 0; k < bias.length; k++) {
                bias[k] += square.inner()[k];
            }
            finish(p, x, bias, Stage.Activation.SQUARE, null, square.factor(), square.outer());
        } else if (form instanceof General general) {
            double[] ones = new double[p.shape().size()];
            Arrays.fill(ones, 1);
            finish(p, x, x.bias(), Stage.Activation.POLYNOMIAL, general.coefficients(), ones, new double[ones.length]);
        }
    }

    /** Adds the activation's stage, with the pooling that follows if it can be summed right there. */
    private void finish(
            Polynomial p,
            Affine x,
            double[] bias,
            Stage.Activation activation,
            double @Nullable [][] polynomials,
            double[] factor,
            double[] shift) {
        Pooling pooling = use.soleReader(p) instanceof Pooling reader ? reader : null;
        AffineMap sum = pooling == null ? null : AffineMap.of(pooling, p.shape());
        int[][] groups = sum == null ? null : groups(sum.matrix(), factor);
        if (pooling == null || sum == null || groups == null) {
            int stage = stage(x, Affine.join(x.label(), p.name()), bias, activation, polynomials, null);
            values.put(p.name(), Affine.of(stage, factor, shift));
            return;
        }
        double[] groupFactor = new double[groups.length];
        for (int g = 0; g < groups.length; g++) {
            groupFactor[g] = sum.matrix().value(sum.matrix().rowStart(g)) * factor[groups[g][0]];
        }
        int stage = stage(
                x, Affine.join(x.label(), p.name() + "+" + pooling.name()), bias, activation, polynomials, groups);
        values.put(pooling.name(), Affine.of(stage, groupFactor, sum.matrix().multiply(shift)));
    }

    /** The rows of a pooling matrix as disjoint groups of elements with one weight each; null if they are not that. */
    private static int @Nullable [][] groups(SparseMatrix m, double[] factor) {
        boolean[] used = new boolean[m.columns()];
        int[][] groups = new int[m.rows()][];
        for (int r = 0; r < m.rows(); r++) {
            int start = m.rowStart(r);
            groups[r] = new int[m.rowStart(r + 1) - start];
            if (groups[r].length == 0) {
                return null;
            }
            for (int i = 0; i < groups[r].length; i++) {
                int c = m.column(start + i);
                if (used[c] || m.value(start + i) * factor[c] != m.value(start) * factor[m.column(start)]) {
                    return null;
                }
                used[c] = true;
                groups[r][i] = c;
            }
        }
        return groups;
    }

    private int stage(
            Affine x,
            String name,
            double[] bias,
            Stage.Activation activation,
            double @Nullable [][] polynomials,
            int @Nullable [][] groups) {
        stages.add(new Stage(name, x.sources(), x.matrix(), false, bias, activation, polynomials, groups));
        return stages.size() - 1;
    }
}
