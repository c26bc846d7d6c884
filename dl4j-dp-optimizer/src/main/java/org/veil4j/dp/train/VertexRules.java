package org.veil4j.dp.train;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.veil4j.dp.gradient.ExampleWise;

/** Which graph vertices and pre-processors treat each example by itself. */
final class VertexRules {
    private static final Set<Class<?>> VERTICES = Set.of(
            ElementWiseVertex.class,
            MergeVertex.class,
            ScaleVertex.class,
            ShiftVertex.class,
            SubsetVertex.class,
            L2NormalizeVertex.class,
            PoolHelperVertex.class);

    private static final Set<Class<?>> MOVES_EXAMPLES =
            Set.of(StackVertex.class, UnstackVertex.class, ReshapeVertex.class);

    private VertexRules() {}

    static void vertex(List<DpCompatibility.Problem> problems, String where, GraphVertex vertex) {
        Class<?> kind = vertex.getClass();
        String name = kind.getSimpleName();
        if (MOVES_EXAMPLES.contains(kind)) {
            add(problems, where, name + " changes what the batch dimension holds", "use MergeVertex or SubsetVertex");
        } else if (vertex instanceof MergeVertex merge && merge.getMergeAxis() == 0) {
            add(problems, where, "MergeVertex along axis 0 stacks examples", "merge along axis 1");
        } else if (vertex instanceof L2NormalizeVertex norm && mixes(norm.getDimension())) {
            add(problems, where, "L2NormalizeVertex over dimension 0 mixes examples", "leave dimension 0 out");
        } else if (vertex instanceof PreprocessorVertex p && kind == PreprocessorVertex.class) {
            preProcessor(problems, where, p.getPreProcessor());
        } else if (kind.getName().startsWith("org.deeplearning4j.nn.conf.graph.rnn.")) {
            add(
                    problems,
                    where,
                    name + " works on sequences, for which there is no rule",
                    "use images or flat features");
        } else if (!VERTICES.contains(kind) && !(vertex instanceof ExampleWise && vertex.numParams(true) == 0)) {
            add(
                    problems,
                    where,
                    kind.getName() + " is not known to treat each example by itself",
                    "replace it, or let its configuration implement ExampleWise if it does and has no parameters");
        }
    }

    private static boolean mixes(int[] dimensions) {
        return dimensions != null && Arrays.stream(dimensions).anyMatch(d -> d <= 0);
    }

    static void preProcessor(List<DpCompatibility.Problem> problems, String where, InputPreProcessor preProcessor) {
        Class<?> kind = preProcessor.getClass();
        if (preProcessor instanceof ComposableInputPreProcessor all && kind == ComposableInputPreProcessor.class) {
            for (InputPreProcessor each : all.getInputPreProcessors()) {
                preProcessor(problems, where, each);
            }
        } else if (kind != CnnToFeedForwardPreProcessor.class
                && kind != FeedForwardToCnnPreProcessor.class
                && !(preProcessor instanceof ExampleWise)) {
            add(
                    problems,
                    where,
                    "pre-processor " + kind.getSimpleName() + " is not known to treat each example by itself"
                            + " (those for sequences do not)",
                    "use images or flat features, or let it implement ExampleWise if it does");
        }
    }

    private static void add(List<DpCompatibility.Problem> problems, String where, String what, String remedy) {
        problems.add(new DpCompatibility.Problem(where, what, remedy));
    }
}
