package org.veil4j.experiments.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads labelled features from text: one example a line, its label and then its features, separated by commas, no header;
 * lines end in CR LF or LF. The label is a whole number from 0, with or without a fraction of zero ({@code 5} or {@code 5.0}).
 */
public final class FeatureCsv {
    /** Most classes that {@link #read(Path)} takes; a larger label is a mistake, or needs {@link #read(Path, int)}. */
    public static final int MAX_CLASSES = 65_536;

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private FeatureCsv() {}

    /**
     * Reads a file.
     *
     * @param file to read
     * @return its rows in file order
     * @throws DataFileException naming the line that is wrong
     * @throws IOException if the file cannot be read
     */
    public static FeatureTable read(Path file) throws IOException {
        return read(file, MAX_CLASSES);
    }

    /**
     * Reads a file whose number of classes is known.
     *
     * @param file to read
     * @param classes labels must be below
     * @return its rows in file order
     * @throws DataFileException naming the line that is wrong
     * @throws IOException if the file cannot be read
     */
    public static FeatureTable read(Path file, int classes) throws IOException {
        List<double[]> rows = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                boolean marked = rows.isEmpty() && !line.isEmpty() && line.charAt(0) == BYTE_ORDER_MARK;
                Line parsed = new Line(file, rows.size() + 1, marked ? line.substring(1) : line);
                double[] row = parsed.features();
                if (!rows.isEmpty() && row.length != rows.get(0).length) {
                    throw parsed.wrong(
                            "has " + row.length + " features", "must have " + rows.get(0).length + ", as line 1 has");
                }
                labels.add(parsed.label(classes));
                rows.add(row);
            }
        } catch (CharacterCodingException e) {
            throw new DataFileException("features=" + file + ": is no text file; give comma-separated numbers", e);
        }
        if (rows.isEmpty()) {
            throw new DataFileException("features=" + file + ": is empty; give one example a line");
        }
        return new FeatureTable(
                rows.toArray(new double[0][]),
                labels.stream().mapToInt(Integer::intValue).toArray());
    }

    /** One line; the label is cell 1. */
    private record Line(Path file, int number, String text) {
        double[] features() throws DataFileException {
            int cells = 1;
            for (int i = text.indexOf(','); i >= 0; i = text.indexOf(',', i + 1)) {
                cells++;
            }
            if (cells < 2) {
                throw wrong(text.isBlank() ? "is empty" : "has no comma", "must hold a label and features");
            }
            double[] row = new double[cells - 1];
            int start = text.indexOf(',') + 1;
            for (int f = 0; f < row.length; f++) {
                int end = f == row.length - 1 ? text.length() : text.indexOf(',', start);
                row[f] = value(text.substring(start, end), "feature " + (f + 1));
                start = end + 1;
            }
            return row;
        }

        int label(int classes) throws DataFileException {
            double label = value(text.substring(0, text.indexOf(',')), "its label");
            if (label != Math.rint(label) || label < 0 || label >= classes) {
                throw wrong("has label " + label, "must be a whole number in 0.." + (classes - 1));
            }
            return (int) label;
        }

        private double value(String cell, String what) throws DataFileException {
            double value;
            try {
                value = Double.parseDouble(cell.strip());
            } catch (NumberFormatException e) {
                throw new DataFileException(
                        message(what + " is no number", number == 1 ? "there must be no header" : "must be a number"),
                        e);
            }
            if (!Double.isFinite(value)) {
                throw wrong(what + " is " + value, "must be finite");
            }
            return value;
        }

        DataFileException wrong(String what, String rule) {
            return new DataFileException(message(what, rule));
        }

        private String message(String what, String rule) {
            return "features=" + file + ": line " + number + ": " + what + ", " + rule + "; correct that line";
        }
    }
}
