package org.veil4j.he.mlr.clear;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads features as the paper stores them: no header, one example a line, its label and then its features, separated by commas.
 * Lines end in LF or CR LF; a byte order mark may start the file and a blank line may end it.
 */
public final class FeatureCsv {
    /** Most classes that {@link #read} takes where their number is left open: a larger label is a mistake. */
    public static final int MAX_CLASSES = 1 << 16;

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private FeatureCsv() {}

    /**
     * Reads a file.
     *
     * @param classes number of classes; 0 to take the largest label plus one
     * @throws IllegalArgumentException if a line is ragged, is not a list of finite numbers, or its label is not a whole
     *     number in range ({@code 5} or {@code 5.0}); the message names the line
     */
    public static LabelledFeatures read(Path file, int classes) throws IOException {
        List<double[]> rows = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        int most = 1;
        int number = 1;
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            String line = reader.readLine();
            if (line != null && !line.isEmpty() && line.charAt(0) == BYTE_ORDER_MARK) {
                line = line.substring(1);
            }
            for (; line != null; number++) {
                String next = reader.readLine();
                if (!(line.isBlank() && next == null)) {
                    String[] fields = line.split(",", -1);
                    int expected = rows.isEmpty() ? fields.length : rows.get(0).length + 1;
                    if (fields.length != expected || expected < 2) {
                        throw error(
                                file,
                                number,
                                "fields=" + fields.length,
                                "must be " + Math.max(2, expected) + ", a label and the features"
                                        + (rows.isEmpty() ? "" : " as in line 1"));
                    }
                    int label = label(file, number, fields[0], classes);
                    most = Math.max(most, label);
                    labels.add(label);
                    rows.add(features(file, number, fields));
                }
                line = next;
            }
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "file=" + file + ", line " + number + " or the one after: is no text; give comma-separated numbers",
                    e);
        }
        if (rows.isEmpty()) {
            throw error(file, 1, "rows=0", "must be at least 1; is this the right file?");
        }
        return LabelledFeatures.of(
                rows.toArray(new double[0][]),
                labels.stream().mapToInt(Integer::intValue).toArray(),
                classes == 0 ? most + 1 : classes);
    }

    private static int label(Path file, int line, String field, int classes) {
        double value = number(file, line, 1, field);
        int most = (classes == 0 ? MAX_CLASSES : classes) - 1;
        if (value != Math.rint(value) || value < 0 || value > most) {
            throw error(
                    file,
                    line,
                    "label=" + field.trim(),
                    "must be a whole number from 0 to " + most + "; correct it"
                            + (classes == 0 ? "" : ", or raise the number of classes"));
        }
        return (int) value;
    }

    private static double[] features(Path file, int line, String[] fields) {
        double[] row = new double[fields.length - 1];
        for (int k = 0; k < row.length; k++) {
            row[k] = number(file, line, k + 2, fields[k + 1]);
        }
        return row;
    }

    private static double number(Path file, int line, int column, String field) {
        double value;
        try {
            value = Double.parseDouble(field.trim());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    message(
                            file,
                            line,
                            "column " + column + "=" + field.trim(),
                            line == 1 ? "must be a number; there must be no header" : "must be a number"),
                    e);
        }
        if (!Double.isFinite(value)) {
            throw error(file, line, "column " + column + "=" + field.trim(), "must be finite; drop or correct the row");
        }
        return value;
    }

    private static IllegalArgumentException error(Path file, int line, String what, String rule) {
        return new IllegalArgumentException(message(file, line, what, rule));
    }

    private static String message(Path file, int line, String what, String rule) {
        return "file=" + file + ", line " + line + ": " + what + ": " + rule;
    }
}
