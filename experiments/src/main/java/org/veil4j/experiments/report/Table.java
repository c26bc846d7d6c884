package org.veil4j.experiments.report;

import java.util.ArrayList;
import java.util.List;

/** An aligned text table: a title, and rows of cells. The first column is left-aligned, the others right-aligned. */
public final class Table {
    private final String title;
    private final List<String[]> rows = new ArrayList<>();

    /** An empty table. */
    public Table(String title) {
        this.title = title;
    }

    /** Adds a row. Rows may have different numbers of cells; none means a separating line. */
    public Table row(String... cells) {
        rows.add(cells.clone());
        return this;
    }

    /** Adds a separating line. */
    public Table line() {
        return row();
    }

    /** The table as text, lines ended by a line feed. */
    @Override
    public String toString() {
        int columns = rows.stream().mapToInt(r -> r.length).max().orElse(0);
        int[] widths = new int[columns];
        for (String[] row : rows) {
            for (int c = 0; c < row.length; c++) {
                widths[c] = Math.max(widths[c], row[c].length());
            }
        }
        int total = 2 * Math.max(0, columns - 1);
        for (int width : widths) {
            total += width;
        }
        total = Math.max(total, title.length());
        StringBuilder text =
                new StringBuilder(title).append('\n').append("=".repeat(total)).append('\n');
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder(row.length == 0 ? "-".repeat(total) : "");
            for (int c = 0; c < row.length; c++) {
                String pad = " ".repeat(widths[c] - row[c].length());
                line.append(c == 0 ? row[c] + pad : "  " + pad + row[c]);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
