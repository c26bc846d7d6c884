package org.veil4j.he.nn.graph;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.nn.graph.NetworkGraph.Node;

/** Which nodes of a graph its result depends on, and who reads what: others would cost levels and time for nothing. */
public final class GraphUse {
    private final NetworkGraph graph;
    private final Set<String> needed = new HashSet<>();
    private final Map<String, Integer> readers = new HashMap<>();

    /** Looks a graph through. */
    public GraphUse(NetworkGraph graph) {
        this.graph = graph;
        needed.add(graph.output().name());
        List<Node> nodes = graph.nodes();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            if (needed.contains(node.name())) {
                needed.addAll(node.inputs());
                for (String input : node.inputs()) {
                    readers.merge(input, 1, Integer::sum);
                }
            }
        }
    }

    /** Whether the result depends on a node, or is it. */
    public boolean isNeeded(Node node) {
        return needed.contains(node.name());
    }

    /** The only reader of a node; null if there are several, or if the node is the result. */
    public @Nullable Node soleReader(Node node) {
        if (readers.getOrDefault(node.name(), 0) == 1 && !graph.output().name().equals(node.name())) {
            for (Node reader : graph.nodes()) {
                if (isNeeded(reader) && reader.inputs().contains(node.name())) {
                    return reader;
                }
            }
        }
        return null;
    }
}
