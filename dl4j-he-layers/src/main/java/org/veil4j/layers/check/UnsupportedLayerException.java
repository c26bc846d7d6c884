package org.veil4j.layers.check;

import java.util.List;
import java.util.stream.Collectors;

/** A network has layers that cannot be encrypted. Names all of them at once, each with its replacement. */
public final class UnsupportedLayerException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final transient List<UnsupportedLayer> layers;

    /**
     * Creates the exception.
     *
     * @param layers all that cannot be encrypted, at least one
     */
    public UnsupportedLayerException(List<UnsupportedLayer> layers) {
        super(layers.size() + (layers.size() == 1 ? " layer" : " layers") + " cannot be encrypted: "
                + layers.stream().map(UnsupportedLayer::toString).collect(Collectors.joining(". ")));
        this.layers = List.copyOf(layers);
    }

    /**
     * The layers.
     *
     * @return all that cannot be encrypted, in the network's order
     */
    public List<UnsupportedLayer> layers() {
        return layers;
    }
}
