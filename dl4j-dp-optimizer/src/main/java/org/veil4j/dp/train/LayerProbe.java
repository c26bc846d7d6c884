package org.veil4j.dp.train;

import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.dp.gradient.PerExampleLayers;

/** Looks at what a layer configuration instantiates, with parameters that are thrown away. */
final class LayerProbe {
    private LayerProbe() {}

    /** Null when the implementation has per-example gradients; otherwise the end of a sentence that says why not. */
    @SuppressWarnings("try")
    static @Nullable String refusal(NeuralNetConfiguration conf, DataType type) {
        try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            NeuralNetConfiguration copy = conf.clone();
            INDArray parameters = Nd4j.zeros(type, copy.getLayer().initializer().numParams(copy));
            Layer layer = copy.getLayer().instantiate(copy, List.of(), 0, parameters, false, type);
            return PerExampleLayers.privateTwin(layer) == null
                    ? " (" + layer.getClass().getName() + ")"
                    : null;
        } catch (RuntimeException e) {
            // A layer that cannot be made cannot be trained either; its own message says most.
            return " (" + e.getMessage() + ")";
        }
    }
}
