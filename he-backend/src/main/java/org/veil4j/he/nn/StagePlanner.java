package org.veil4j.he.nn;

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
import org.veil4j.he.nn.graph.NetworkGraph.Input;
import org.veil4j.he.nn.graph.NetworkGraph.Linear;
import org.veil4j.he.nn.graph.NetworkGraph.Node;
import org.veil4j.he.nn.graph.NetworkGraph.Polynomial;
import org.veil4j.he.nn.graph.NetworkGraph.Pooling;
import org.veil4j.he.nn.graph.NetworkGraph.Reshape;

/**
 * Turns a graph into stages. Between two activations everything is affine, so it is multiplied out into one sparse
 * matrix: normalisation, pooling, flattening, dense layers, and the constant factor and shift that an activation leaves
 * behind. A quadratic is completed to a square of a shifted argument: one multiplication and no level for its
 * coefficients. Pooling that directly follows an activation is added up right there, while the values are at hand.
 */
final class StagePlanner {
    /** Beyond this shift of the argument a completed square would lose too many bits to cancellation. */
    private static final double MAX_SQUARE_SHIFT = 32;

    private final NetworkGraph graph;
    /** Nodes that the result depends on; others would cost levels and time for nothing. */
    private final Set<String> needed = new HashSet<>();

    private final Map<String, Integer> consumers = new HashMap<>();
    private final Map<String, Affine> values = new HashMap<>();
    private final List<Stage> stages = new ArrayList<>();

    private StagePlanner(NetworkGraph graph) {
        this.graph = graph;
        needed.add(graph.output().name());
        List<Node> nodes = graph.nodes();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            if (needed.contains(node.name())) {
                needed.addAll(node.inputs());
                for (String input : node.inputs()) {
                    consumers.merge(input, 1, Integer::sum);
                }
            }
        }
    }

    /** The stages of a graph, inputs before their readers, the last one the network's result. */
    static List<Stage> plan(NetworkGraph graph) {
        StagePlanner planner = new StagePlanner(graph);
        for (Node node : graph.nodes()) {
            if (planner.needed.contains(node.name()) && !planner.values.containsKey(node.name())) {
                planner.visit(node);
            }
        }
        Affine result = planner.value(graph.output().name());
        planner.stage(result, graph.output().name(), result.bias, Stage.Activation.NONE, null, null);
        return List.copyOf(planner.stages);
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

    private void visit(Node node) {
        if (node instanceof Input) {
            double[] ones = new double[node.shape().size()];
            Arrays.fill(ones, 1);
            values.put(node.name(), Affine.of(Stage.NETWORK_INPUT, ones, new double[ones.length]));
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

    private Affine compose(Affine x, AffineMap map, String name) {
        SparseMatrix[] matrices = new SparseMatrix[x.matrices.length];
        for (int i = 0; i < matrices.length; i++) {
            matrices[i] = map.matrix().multiply(x.matrices[i]);
        }
        if (matrices.length == 1
                && isUniformSum(x.matrices[0])
                && matrices[0].entries() > map.matrix().entries() + x.matrices[0].entries()) {
            return compose(materializeSum(x), map, name);
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
        SparseMatrix m = x.matrices[0];
        double weight = m.value(0);
        double[] inverse = new double[m.rows()];
        Arrays.fill(inverse, 1 / weight);
        SparseMatrix unit = m.scaleRows(inverse);
        stages.add(new Stage(x.label, x.sources, unit, true, new double[m.rows()], Stage.Activation.NONE, null, null));
        double[] factor = new double[m.rows()];
        Arrays.fill(factor, weight);
        return Affine.of(stages.size() - 1, factor, x.bias);
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
        int degree = p.degree();
        double[][] c = new double[n][];
        for (int k = 0; k < n; k++) {
            c[k] = p.coefficients()[p.coefficients().length == 1 ? 0 : k / plane];
        }
        while (degree > 0 && allZero(c, degree)) {
            degree--;
        }
        if (degree > PolynomialEvaluator.MAX_DEGREE) {
            throw new IllegalArgumentException(
                    "layer " + p.name() + ": degree=" + degree + ", must be at most " + PolynomialEvaluator.MAX_DEGREE);
        }
        if (degree <= 1) {
            double[] scale = new double[n];
            double[] shift = new double[n];
            for (int k = 0; k < n; k++) {
                shift[k] = c[k][0];
                scale[k] = degree == 0 ? 0 : c[k][1];
            }
            values.put(p.name(), compose(x, new AffineMap(SparseMatrix.diagonal(scale), shift), p.name()));
        } else if (degree == 2 && completesToSquare(c)) {
            double[] bias = x.bias.clone();
            double[] factor = new double[n];
            double[] shift = new double[n];
            for (int k = 0; k < n; k++) {
                double half = c[k][1] / (2 * c[k][2]);
                bias[k] += half;
                factor[k] = c[k][2];
                shift[k] = c[k][0] - c[k][2] * half * half;
            }
            finish(p, x, bias, Stage.Activation.SQUARE, null, factor, shift);
        } else {
            double[][] rows = new double[n][];
            for (int k = 0; k < n; k++) {
                rows[k] = Arrays.copyOf(c[k], degree + 1);
            }
            double[] ones = new double[n];
            Arrays.fill(ones, 1);
            finish(p, x, x.bias, Stage.Activation.POLYNOMIAL, rows, ones, new double[n]);
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

    private static boolean completesToSquare(double[][] coefficients) {
        for (double[] c : coefficients) {
            if (!(Math.abs(c[1]) <= 2 * MAX_SQUARE_SHIFT * Math.abs(c[2])) || c[2] == 0) {
                return false;
            }
        }
        return true;
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
        Pooling pooling = solePooling(p);
        AffineMap sum = pooling == null ? null : AffineMap.of(pooling, p.shape());
        int[][] groups = sum == null ? null : groups(sum.matrix(), factor);
        if (pooling == null || sum == null || groups == null) {
            int stage = stage(x, join(x.label, p.name()), bias, activation, polynomials, null);
            values.put(p.name(), Affine.of(stage, factor, shift));
            return;
        }
        double[] groupFactor = new double[groups.length];
        for (int g = 0; g < groups.length; g++) {
            groupFactor[g] = sum.matrix().value(sum.matrix().rowStart(g)) * factor[groups[g][0]];
        }
        int stage = stage(x, join(x.label, p.name() + "+" + pooling.name()), bias, activation, polynomials, groups);
        values.put(pooling.name(), Affine.of(stage, groupFactor, sum.matrix().multiply(shift)));
    }

    /** The pooling layer that is the only reader of a node, if there is one. */
    private @Nullable Pooling solePooling(Node node) {
        if (consumers.getOrDefault(node.name(), 0) == 1
                && !graph.output().name().equals(node.name())) {
            for (Node reader : graph.nodes()) {
                if (reader instanceof Pooling p && p.input().equals(node.name()) && needed.contains(p.name())) {
                    return p;
                }
            }
        }
        return null;
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
        SparseMatrix matrix = x.matrices[0];
        for (int i = 1; i < x.matrices.length; i++) {
            matrix = matrix.beside(x.matrices[i]);
        }
        stages.add(new Stage(name, x.sources, matrix, false, bias, activation, polynomials, groups));
        return stages.size() - 1;
    }
}
