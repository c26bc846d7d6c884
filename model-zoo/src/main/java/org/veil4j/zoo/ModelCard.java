package org.veil4j.zoo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * What is known about a trained network; travels inside its zip file as {@value #ENTRY}.
 *
 * @param preset id of the preset
 * @param variant id of the variant
 * @param dataset name of the data set, for example {@code fashion-mnist}
 * @param input shape of an image
 * @param classNames one a class, in the order of the outputs
 * @param normalisation to apply to pixels
 * @param recipe how it was trained, readable
 * @param command the command that made it
 * @param validationAccuracy fraction right on held-out training images, which guided choices
 * @param testAccuracy fraction right on the test set
 * @param testImages how many test images that is over
 */
public record ModelCard(
        String preset,
        String variant,
        String dataset,
        InputShape input,
        List<String> classNames,
        InputNormalisation normalisation,
        String recipe,
        String command,
        double validationAccuracy,
        double testAccuracy,
        int testImages) {
    /** Name of the zip entry. */
    public static final String ENTRY = "veil4j-card.json";

    private static final int VERSION = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Copies the class names. */
    public ModelCard {
        classNames = List.copyOf(classNames);
        if (normalisation.channels() != input.channels()) {
            throw new IllegalArgumentException("normalisation has " + normalisation.channels() + " channels, input "
                    + input + ": they must agree");
        }
    }

    /**
     * The card as JSON text.
     *
     * @return several lines
     */
    public String toJson() {
        ObjectNode n = JSON.createObjectNode();
        n.put("version", VERSION).put("preset", preset).put("variant", variant).put("dataset", dataset);
        n.put("channels", input.channels()).put("height", input.height()).put("width", input.width());
        ArrayNode names = n.putArray("classNames");
        classNames.forEach(names::add);
        ObjectNode norm = n.putObject("normalisation");
        norm.put("formula", "(pixel - mean) / std, pixel in 0..255");
        ArrayNode mean = norm.putArray("mean");
        ArrayNode std = norm.putArray("std");
        for (int c = 0; c < input.channels(); c++) {
            mean.add(normalisation.mean()[c]);
            std.add(normalisation.std()[c]);
        }
        n.put("recipe", recipe).put("command", command);
        n.put("validationAccuracy", validationAccuracy);
        n.put("testAccuracy", testAccuracy).put("testImages", testImages);
        return n.toPrettyString();
    }

    /**
     * Reads a card.
     *
     * @param json the text
     * @return the card
     * @throws IOException when the text is not a card, naming the field
     */
    public static ModelCard fromJson(String json) throws IOException {
        JsonNode n = JSON.readTree(json);
        int version = field(n, "version").asInt();
        if (version != VERSION) {
            throw new IOException(ENTRY + ": version=" + version + ": this program reads version " + VERSION
                    + "; use the release that wrote the file");
        }
        InputShape input;
        InputNormalisation normalisation;
        try {
            input = new InputShape(
                    field(n, "channels").asInt(),
                    field(n, "height").asInt(),
                    field(n, "width").asInt());
            JsonNode norm = field(n, "normalisation");
            normalisation = new InputNormalisation(doubles(field(norm, "mean")), doubles(field(norm, "std")));
            List<String> names = new ArrayList<>();
            field(n, "classNames").forEach(e -> names.add(e.asText()));
            return new ModelCard(
                    field(n, "preset").asText(),
                    field(n, "variant").asText(),
                    field(n, "dataset").asText(),
                    input,
                    names,
                    normalisation,
                    field(n, "recipe").asText(),
                    field(n, "command").asText(),
                    field(n, "validationAccuracy").asDouble(),
                    field(n, "testAccuracy").asDouble(),
                    field(n, "testImages").asInt());
        } catch (IllegalArgumentException e) {
            throw new IOException(ENTRY + ": " + e.getMessage(), e);
        }
    }

    private static JsonNode field(JsonNode n, String name) throws IOException {
        JsonNode f = n.get(name);
        if (f == null) {
            throw new IOException(ENTRY + ": field \"" + name + "\" is missing");
        }
        return f;
    }

    private static double[] doubles(JsonNode array) {
        double[] r = new double[array.size()];
        for (int i = 0; i < r.length; i++) {
            r[i] = array.get(i).asDouble(Double.NaN);
        }
        return r;
    }
}
