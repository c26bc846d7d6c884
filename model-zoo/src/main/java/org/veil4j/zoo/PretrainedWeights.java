package org.veil4j.zoo;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;

/**
 * A trained network with its card: bundled with the zoo, or read from a file. The file is an ordinary Deeplearning4j
 * zip ({@code ModelSerializer} reads it; Veil4J's layers must be on the class path) with one entry more, the
 * {@link ModelCard}. Read files from sources that you trust only: the configuration inside names classes to be created.
 */
public final class PretrainedWeights {
    private static final String CONFIGURATION = "configuration.json";
    private static final String[] DATASETS = {"fashion-mnist", "cifar-10", "mnist"};

    private final ZooNetwork network;
    private final ModelCard card;

    private PretrainedWeights(ZooNetwork network, ModelCard card) {
        this.network = network;
        this.card = card;
    }

    /**
     * Loads bundled weights.
     *
     * @param preset the network
     * @param variant of it
     * @param dataset name of the data set that it was trained on
     * @return a new network with its card
     * @throws IOException when there are none for this combination (the message lists what there is) or they are damaged
     */
    public static PretrainedWeights load(ZooPreset preset, Variant variant, String dataset) throws IOException {
        String name = resource(preset, variant, dataset);
        try (InputStream in = PretrainedWeights.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new FileNotFoundException("weights=" + preset + "/" + variant + "/" + dataset
                        + ": not in the zoo, which has " + available() + "; train them with `veil4j train`");
            }
            return parse(in.readAllBytes(), name);
        }
    }

    /**
     * Loads weights from a file that {@link #save} or {@code veil4j train} wrote.
     *
     * @param file a zip file
     * @return a new network with its card
     * @throws IOException when the file is missing, damaged or has no card
     */
    public static PretrainedWeights load(Path file) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new FileNotFoundException("model=" + file + ": no such file; `veil4j train --out` writes one");
        }
        return parse(bytes, file.toString());
    }

    /**
     * What is bundled.
     *
     * @return entries like {@code cryptonet/he-aligned/fashion-mnist}
     */
    public static List<String> available() {
        List<String> found = new ArrayList<>();
        for (ZooPreset preset : ZooPreset.values()) {
            for (Variant variant : Variant.values()) {
                for (String dataset : DATASETS) {
                    if (PretrainedWeights.class.getResource(resource(preset, variant, dataset)) != null) {
                        found.add(preset + "/" + variant + "/" + dataset);
                    }
                }
            }
        }
        return found;
    }

    /**
     * Saves a network with its card, without the updater's state (a third of the size). The file appears under its name
     * only when it is complete.
     *
     * @param file to write, replaced when it exists
     * @param network the network
     * @param card about it
     * @throws IOException when the file cannot be written
     */
    public static void save(Path file, ZooNetwork network, ModelCard card) throws IOException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        ModelSerializer.writeModel(network.model(), plain, false);
        Path temporary = temporary(file);
        try {
            try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(plain.toByteArray()));
                    ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(temporary))) {
                for (ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
                    write(out, e.getName(), in.readAllBytes());
                }
                write(out, ModelCard.ENTRY, card.toJson().getBytes(StandardCharsets.UTF_8));
            }
            Files.move(
                    temporary,
                    file.toAbsolutePath(),
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw unwritable(file, e);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /**
     * Checks, before work that takes long, that {@link #save} will be able to write a file: makes its folder when it is
     * missing, and creates and deletes a temporary file there.
     *
     * @param file that will be written
     * @throws IOException when it cannot be written
     */
    public static void requireWritable(Path file) throws IOException {
        Path temporary = temporary(file);
        try {
            Files.newOutputStream(temporary).close();
            if (Files.isDirectory(file)) {
                throw new IOException("it is a folder");
            }
        } catch (IOException e) {
            throw unwritable(file, e);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static Path temporary(Path file) throws IOException {
        Path target = file.toAbsolutePath();
        Path folder = target.getParent();
        try {
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw unwritable(file, e);
        }
        return target.resolveSibling(target.getFileName() + ".part");
    }

    private static IOException unwritable(Path file, IOException e) {
        return new IOException(
                "out=" + file + ": cannot be written (" + e.getClass().getSimpleName() + ": " + e.getMessage()
                        + "); name a file in a folder that can be written",
                e);
    }

    /**
     * The network, initialised with the trained parameters; not shared with other calls.
     *
     * @return the network
     */
    public ZooNetwork network() {
        return network;
    }

    /**
     * The normalisation of the pixels.
     *
     * @return from the card
     */
    public InputNormalisation normalisation() {
        return card.normalisation();
    }

    /**
     * What is known about the network.
     *
     * @return the card
     */
    public ModelCard card() {
        return card;
    }

    private static String resource(ZooPreset preset, Variant variant, String dataset) {
        return "/org/veil4j/zoo/weights/" + preset.id() + "-" + variant.id() + "-" + dataset + ".zip";
    }

    private static PretrainedWeights parse(byte[] zip, String name) throws IOException {
        ModelCard card = readCard(zip, name);
        try {
            return new PretrainedWeights(restore(zip), card);
        } catch (IOException | RuntimeException e) {
            throw new IOException(
                    "model=" + name + ": not a readable Deeplearning4j network (" + e.getMessage()
                            + "); write it again with `veil4j train`",
                    e);
        }
    }

    private static ZooNetwork restore(byte[] zip) throws IOException {
        String configuration = entry(zip, CONFIGURATION);
        if (configuration == null) {
            throw new IOException("it has no entry " + CONFIGURATION);
        }
        ByteArrayInputStream in = new ByteArrayInputStream(zip);
        return configuration.contains("\"networkInputs\"") // graphs have it, layers in a row have not
                ? ZooNetwork.of(ModelSerializer.restoreComputationGraph(in, false))
                : ZooNetwork.of(ModelSerializer.restoreMultiLayerNetwork(in, false));
    }

    private static ModelCard readCard(byte[] zip, String name) throws IOException {
        String json;
        try {
            json = entry(zip, ModelCard.ENTRY);
        } catch (IOException e) {
            throw new IOException("model=" + name + ": the zip file is damaged (" + e.getMessage() + ")", e);
        }
        if (json == null) {
            throw new IOException("model=" + name + ": has no entry " + ModelCard.ENTRY
                    + ", so the normalisation of its input is unknown; write it with `veil4j train`");
        }
        try {
            return ModelCard.fromJson(json);
        } catch (IOException e) {
            throw new IOException("model=" + name + ": " + e.getMessage(), e);
        }
    }

    /** The text of the last entry with a name, or null. Reads the whole file, so that damage shows. */
    private static @Nullable String entry(byte[] zip, String name) throws IOException {
        byte[] content = null;
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (@Nullable ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
                if (e.getName().equals(name)) {
                    content = in.readAllBytes();
                }
            }
        }
        return content == null ? null : new String(content, StandardCharsets.UTF_8);
    }

    private static void write(ZipOutputStream out, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(0); // the same network gives the same file
        out.putNextEntry(entry);
        out.write(content);
        out.closeEntry();
    }
}
