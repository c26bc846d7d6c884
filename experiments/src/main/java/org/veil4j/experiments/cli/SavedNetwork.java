package org.veil4j.experiments.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;
import org.veil4j.zoo.ModelCard;

/**
 * A network in an ordinary Deeplearning4j zip file, with the zoo's card when the file has one.
 *
 * @param model a MultiLayerNetwork or a ComputationGraph
 * @param card null when the file has none
 */
record SavedNetwork(Model model, @Nullable ModelCard card) {
    private static final String CONFIGURATION = "configuration.json";
    private static final int MAX_TEXT_BYTES = 64 << 20;

    /** Whether a file starts like a zip file. */
    static boolean isZip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(4);
            return start.length == 4 && start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4;
        }
    }

    /**
     * Reads a file.
     *
     * @throws UsageException if it is not a Deeplearning4j network
     */
    static SavedNetwork read(Path file) throws IOException {
        if (!isZip(file)) {
            throw new UsageException("network=" + file
                    + ": is no zip file; name one that Deeplearning4j's ModelSerializer" + " or veil4j train wrote");
        }
        String configuration = null;
        ModelCard card = null;
        try (ZipInputStream zip = new ZipInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().equals(CONFIGURATION)) {
                    configuration = text(zip);
                } else if (entry.getName().equals(ModelCard.ENTRY)) {
                    card = ModelCard.fromJson(text(zip));
                } else if (entry.getName().equals(CoefficientsEntry.NAME)) {
                    CoefficientsEntry.check(zip);
                }
            }
            if (configuration == null) {
                throw new IOException("it has no entry " + CONFIGURATION);
            }
            Model model = configuration.contains("\"networkInputs\"")
                    ? ModelSerializer.restoreComputationGraph(file.toFile(), false)
                    : ModelSerializer.restoreMultiLayerNetwork(file.toFile(), false);
            return new SavedNetwork(model, card);
        } catch (IOException | RuntimeException e) {
            throw new UsageException(
                    "network=" + file + ": not a readable Deeplearning4j network (" + Failures.message(e)
                            + "); save it again",
                    e);
        }
    }

    private static String text(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(MAX_TEXT_BYTES + 1);
        if (bytes.length > MAX_TEXT_BYTES) {
            throw new IOException("an entry is over " + MAX_TEXT_BYTES + " bytes");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
