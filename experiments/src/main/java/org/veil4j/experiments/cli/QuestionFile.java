package org.veil4j.experiments.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Questions as text: a first line that names columns, then one question a line, values separated by commas. An empty cell was
 * not given. Empty lines and lines that begin with # are skipped.
 */
final class QuestionFile {
    private QuestionFile() {}

    /**
     * One line.
     *
     * @param number of the line in the file, from 1
     * @param values by column, empty cells left out
     */
    record Line(int number, Map<String, String> values) {}

    /**
     * Reads a file.
     *
     * @param columns the names that are allowed
     * @throws UsageException naming the file and the line that is wrong
     */
    static List<Line> read(Path file, Set<String> columns) throws IOException {
        List<Line> lines = new ArrayList<>();
        List<String> names = List.of();
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            int number = 0;
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                number++;
                if (text.isBlank() || text.startsWith("#")) {
                    continue;
                }
                List<String> cells =
                        Arrays.stream(text.split(",", -1)).map(String::strip).toList();
                if (names.isEmpty()) {
                    names = header(file, number, cells, columns);
                } else {
                    lines.add(new Line(number, line(file, number, cells, names)));
                }
            }
        } catch (CharacterCodingException e) {
            throw new UsageException("batch-file=" + file + ": is no text file; give comma-separated values", e);
        }
        if (lines.isEmpty()) {
            throw new UsageException(
                    "batch-file=" + file + ": holds no question; give a line of column names and one line a question");
        }
        return lines;
    }

    private static List<String> header(Path file, int number, List<String> cells, Set<String> columns) {
        for (String name : cells) {
            if (!columns.contains(name)) {
                throw new UsageException("batch-file=" + file + ": line " + number + ": column \"" + name
                        + "\" is unknown; the first line names columns out of " + String.join(", ", columns));
            }
        }
        if (Set.copyOf(cells).size() < cells.size()) {
            throw new UsageException("batch-file=" + file + ": line " + number + ": names a column twice");
        }
        return cells;
    }

    private static Map<String, String> line(Path file, int number, List<String> cells, List<String> names) {
        if (cells.size() != names.size()) {
            throw new UsageException("batch-file=" + file + ": line " + number + ": has " + cells.size()
                    + " values, must have " + names.size() + ", one for each column");
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < cells.size(); i++) {
            if (!cells.get(i).isEmpty()) {
                values.put(names.get(i), cells.get(i));
            }
        }
        return values;
    }
}
