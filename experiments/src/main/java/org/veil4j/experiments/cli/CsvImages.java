package org.veil4j.experiments.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Images as text: one a line, numbers separated by commas. */
final class CsvImages {
    private CsvImages() {}

    /**
     * Reads a file.
     *
     * @param elements numbers that each line must have
     * @throws UsageException naming the line that is wrong
     */
    static double[][] read(Path file, int elements) throws IOException {
        if (Files.isDirectory(file)) {
            throw new UsageException("images=" + file + ": is a folder; name a file");
        }
        List<double[]> images = new ArrayList<>();
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                images.add(parse(file, images.size() + 1, line, elements));
            }
        } catch (CharacterCodingException e) {
            throw new UsageException("images=" + file + ": is no text file; give comma-separated numbers", e);
        }
        if (images.isEmpty()) {
            throw new UsageException("images=" + file + ": is empty; give one image a line");
        }
        return images.toArray(new double[0][]);
    }

    private static double[] parse(Path file, int number, String line, int elements) {
        String[] cells = line.split(",", -1);
        if (cells.length != elements) {
            throw new UsageException("images=" + file + ": line " + number + " has " + cells.length
                    + " numbers, must have " + elements + ", the elements of the model's input");
        }
        double[] image = new double[elements];
        for (int e = 0; e < elements; e++) {
            try {
                image[e] = Double.parseDouble(cells[e].strip());
            } catch (NumberFormatException x) {
                throw new UsageException(
                        "images=" + file + ": line " + number + ", element " + (e + 1) + " is no number", x);
            }
            if (!Double.isFinite(image[e])) {
                throw new UsageException("images=" + file + ": line " + number + ", element " + (e + 1) + " is "
                        + image[e] + ", must be finite");
            }
        }
        return image;
    }
}
