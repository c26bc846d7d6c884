package org.veil4j.experiments.head;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.he.io.FileTarget;

/** Charts and tables of experiments as files: two PNG and one HTML page that needs nothing besides itself. */
public final class HeadReportPage {
    /** The page. */
    public static final String PAGE = "report.html";
    /** The chart of accuracies. */
    public static final String ACCURACY = "accuracy.png";
    /** The chart of losses. */
    public static final String LOSS = "loss.png";

    private HeadReportPage() {}

    /**
     * Writes the three files.
     *
     * @param runs at least one
     * @param folder must exist
     */
    public static void write(List<HeadRun> runs, HeadData data, RunRecord record, Path folder) throws IOException {
        HeadRun first = runs.get(0);
        List<ClearMethods.Method> methods =
                ClearMethods.run(data, first.plan().preparation(), first.plan().settings());
        byte[] accuracy = HeadCharts.accuracy(methods, runs, data);
        byte[] loss = HeadCharts.loss(methods, runs, data);
        write(folder.resolve(ACCURACY), accuracy);
        write(folder.resolve(LOSS), loss);
        write(
                folder.resolve(PAGE),
                page(HeadTables.of(runs, data), accuracy, loss, record).getBytes(StandardCharsets.UTF_8));
    }

    private static String page(String tables, byte[] accuracy, byte[] loss, RunRecord record) {
        StringBuilder html = new StringBuilder();
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<title>Head trained on encrypted features</title>\n<style>body{font-family:sans-serif;")
                .append("max-width:62rem;margin:2rem auto;padding:0 1rem}pre{overflow-x:auto}img{max-width:100%}")
                .append("</style>\n</head>\n<body>\n<h1>Head trained on encrypted features</h1>\n");
        image(html, "Accuracy by iteration", accuracy);
        image(html, "Loss by iteration", loss);
        html.append(
                        "<p>The paper's three methods run in the clear with the sigmoid (or softmax) itself and the textbook's")
                .append(
                        " steps: 1/L without quadratic gradient, L being the largest curvature of the loss, and the paper's")
                .append(
                        " with it. The encrypted run has a polynomial in the sigmoid's place and steps for that; the same")
                .append(
                        " in the clear is what it should equal. A loss is each method's own, on the training rows: cross")
                .append(" entropy for softmax, the squared likelihood error for sigmoids.</p>\n<pre>");
        html.append(escaped(tables)).append("</pre>\n<h2>What ran</h2>\n<pre>");
        record.facts()
                .forEach((name, value) ->
                        html.append(escaped(name + ": " + value)).append('\n'));
        return html.append("</pre>\n</body>\n</html>\n").toString();
    }

    private static void image(StringBuilder html, String title, byte[] png) {
        html.append("<p><img alt=\"")
                .append(title)
                .append("\" src=\"data:image/png;base64,")
                .append(Base64.getEncoder().encodeToString(png))
                .append("\"></p>\n");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static void write(Path file, byte[] content) throws IOException {
        try (FileTarget target = FileTarget.create(file, false)) {
            target.stream().write(content);
            target.commit();
        }
    }
}
