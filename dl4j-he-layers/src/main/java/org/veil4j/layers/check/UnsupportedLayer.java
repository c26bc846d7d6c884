package org.veil4j.layers.check;

/**
 * One layer that cannot be encrypted.
 *
 * @param name of the layer or vertex in its network, or its index
 * @param type simple class name, with the activation where that is at fault
 * @param reason why it cannot be computed under encryption
 * @param replacement what to use in its place
 */
public record UnsupportedLayer(String name, String type, String reason, String replacement) {
    @Override
    public String toString() {
        return name + " (" + type + "): " + reason + "; use " + replacement;
    }
}
