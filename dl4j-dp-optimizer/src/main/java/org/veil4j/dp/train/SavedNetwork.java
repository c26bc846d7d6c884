package org.veil4j.dp.train;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectStreamException;
import java.io.Serializable;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.util.ModelSerializer;

/**
 * What Java serialisation writes for a private network: the file that ModelSerializer would write. Reading gives a private
 * network with the saved steps. (DL4J's own deserialised networks lack fields that training needs.)
 */
final class SavedNetwork implements Serializable {
    private final byte[] file;
    private final boolean graph;

    SavedNetwork(Model network, boolean graph) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ModelSerializer.writeModel(network, bytes, true);
        this.file = bytes.toByteArray();
        this.graph = graph;
    }

    private Object readResolve() throws ObjectStreamException {
        try {
            ByteArrayInputStream bytes = new ByteArrayInputStream(file);
            return graph
                    ? DpComputationGraph.of(ModelSerializer.restoreComputationGraph(bytes, true))
                    : DpMultiLayerNetwork.of(ModelSerializer.restoreMultiLayerNetwork(bytes, true));
        } catch (IOException e) {
            InvalidObjectException invalid = new InvalidObjectException("private network: cannot be read");
            invalid.initCause(e);
            throw invalid;
        }
    }
}
