package org.veil4j.zoo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;
import org.veil4j.layers.fit.ActivationRange;

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
 * @param activationRanges what each activation sees in inference on all test images; empty where not measured
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
        int testImages,
        List<ActivationRange> activationRanges) {
    /** Name of the zip entry. */
    public static final String ENTRY = "veil4j-card.json";

    private static final int VERSION = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Copies the lists. */
    public ModelCard {
        classNames = List.copyOf(classNames);
        activationRanges = List.copyOf(activationRanges);
        if (normalisation.channels() != input.channels()) {
            throw new IllegalArgumentException("normalisation has " + normalisation.channels() + " channels, input "
                    + input + ": they must agree");
        }
    }

    /**
     * A card without measured ranges.
     *
     * @param preset as in the record
     * @param variant as in the record
     * @param dataset as in the record
     * @param input as in the record
     * @param classNames as in the record
     * @param normalisation as in the record
     * @param recipe as in the record
     * @param command as in the record
     * @param validationAccuracy as in the record
     * @param testAccuracy as in the record
     * @param testImages as in the record
     */
    public ModelCard(
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
        this(
                preset,
                variant,
                dataset,
                input,
                classNames,
                normalisation,
                recipe,
                command,
                validationAccuracy,
                testAccuracy,
                testImages,
                List.of());
    }

    /**
     * The same card with ranges.
     *
     * @param ranges what each activation sees in inference on all test images
     * @return a copy
     */
    public ModelCard withActivationRanges(List<ActivationRange> ranges) {
        return new ModelCard(
                preset,
                variant,
                dataset,
                input,
                classNames,
                normalisation,
                recipe,
                command,
                validationAccuracy,
                testAccuracy,
                testImages,
                ranges);
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
        ArrayNode ranges = n.putArray("activationRanges");
        for (ActivationRange r : activationRanges) {
            ranges.addObject()
                    .put("layer", r.layer())
                    .put("activation", r.activation())
                    .put("count", r.count())
                    .put("min", r.min())
                    .put("max", r.max())
                    .put("rms", r.rms())
                    .put("median", r.median())
                    .put("p99", r.p99())
                    .put("p9999", r.p9999());
        }
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
                    field(n, "testImages").asInt(),
                    ranges(n.path("activationRanges")));
        } catch (IllegalArgumentException e) {
            throw new IOException(ENTRY + ": " + e.getMessage(), e);
        }
    }

    /** Cards of older releases have none. */
    private static List<ActivationRange> ranges(JsonNode array) throws IOException {
        List<ActivationRange> ranges = new ArrayList<>();
        for (JsonNode r : array) {
            ranges.add(new ActivationRange(
                    field(r, "layer").asText(),
                    field(r, "activation").asText(),
                    field(r, "count").asLong(),
                    field(r, "min").asDouble(),
                    field(r, "max").asDouble(),
                    field(r, "rms").asDouble(),
                    field(r, "median").asDouble(),
                    field(r, "p99").asDouble(),
                    field(r, "p9999").asDouble()));
        }
        return ranges;
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
