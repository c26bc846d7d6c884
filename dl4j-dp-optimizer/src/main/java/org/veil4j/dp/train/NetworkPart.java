package org.veil4j.dp.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.jspecify.annotations.Nullable;

/**
 * One object that decides what a pass computes: a vertex, a layer, what a layer wraps, a configuration. Parts are compared by
 * identity. Configurations are parts because checks read that of the network, while a layer computes with its own:
 * {@code layer.setConf} would part the two.
 *
 * @param name what to call it in a message
 * @param live the object that a pass uses
 * @param checked the object that checks look at: the same one, or the network is refused
 */
record NetworkPart(String name, Object live, @Nullable Object checked) {
    private NetworkPart(String name, Object live) {
        this(name, live, live);
    }

    boolean isSame(NetworkPart other) {
        return live == other.live && checked == other.checked;
    }

    /** All parts of a sequential network. */
    static List<NetworkPart> of(Layer[] layers, MultiLayerConfiguration configuration) {
        List<NetworkPart> parts = new ArrayList<>();
        for (int i = 0; i < layers.length; i++) {
            boolean configured = i < configuration.getConfs().size();
            layer(
                    parts,
                    "layer '" + i + "'",
                    layers[i],
                    configured ? configuration.getConf(i).getLayer() : null);
        }
        return parts;
    }

    /** All parts of a graph. */
    static List<NetworkPart> of(GraphVertex[] vertices, ComputationGraphConfiguration configuration) {
        Map<String, org.deeplearning4j.nn.conf.graph.GraphVertex> configured = configuration.getVertices();
        List<NetworkPart> parts = new ArrayList<>();
        for (GraphVertex vertex : vertices) {
            String name = vertex.getVertexName();
            parts.add(new NetworkPart("vertex '" + name + "'", vertex));
            if (vertex.hasLayer()) {
                layer(
                        parts,
                        "layer '" + name + "'",
                        vertex.getLayer(),
                        configured.get(name) instanceof LayerVertex l
                                ? l.getLayerConf().getLayer()
                                : null);
            }
        }
        return parts;
    }

    private static void layer(
            List<NetworkPart> parts,
            String name,
            Layer layer,
            org.deeplearning4j.nn.conf.layers.@Nullable Layer configured) {
        parts.add(new NetworkPart(name, layer));
        Layer inner = layer;
        org.deeplearning4j.nn.conf.layers.Layer innerConfigured = configured;
        while (inner instanceof BaseWrapperLayer wrapper) {
            inner = wrapper.getUnderlying();
            innerConfigured = unwrapped(innerConfigured);
            parts.add(new NetworkPart(name, inner));
        }
        parts.add(new NetworkPart("configuration of " + name, inner.conf()));
        parts.add(new NetworkPart("configuration of " + name, inner.conf().getLayer(), innerConfigured));
    }

    private static org.deeplearning4j.nn.conf.layers.@Nullable Layer unwrapped(
            org.deeplearning4j.nn.conf.layers.@Nullable Layer configured) {
        if (configured instanceof FrozenLayer frozen) {
            return frozen.getLayer();
        }
        return configured instanceof FrozenLayerWithBackprop frozen ? frozen.getUnderlying() : configured;
    }
}
