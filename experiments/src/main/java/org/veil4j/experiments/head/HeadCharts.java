package org.veil4j.experiments.head;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.veil4j.he.mlr.clear.ClearMlr;

/** Charts by iteration as PNG: the clear methods and the encrypted runs. Needs no display. */
public final class HeadCharts {
    private static final int WIDTH = 1100;
    private static final int HEIGHT = 540;

    private HeadCharts() {}

    /** Accuracy, in percent, on the rows that are measured. */
    public static byte[] accuracy(List<ClearMethods.Method> methods, List<HeadRun> runs, HeadData data) {
        String rows = String.format(
                Locale.ROOT,
                "accuracy on %,d %s rows, %%",
                data.measured().size(),
                data.test() == null ? "training" : "test");
        return png(
                chart("Accuracy by iteration", rows),
                methods,
                runs,
                i -> 100 * i.testAccuracy(),
                i -> i.accuracyEncrypted() == null ? Double.NaN : 100 * i.accuracyEncrypted());
    }

    /** Each method's own loss on the training rows. */
    public static byte[] loss(List<ClearMethods.Method> methods, List<HeadRun> runs, HeadData data) {
        String rows = String.format(
                Locale.ROOT, "own loss on %,d training rows", data.train().size());
        return png(
                chart("Loss by iteration", rows),
                methods,
                runs,
                ClearMlr.Iteration::loss,
                i -> i.lossEncrypted() == null ? Double.NaN : i.lossEncrypted());
    }

    private static XYChart chart(String title, String axis) {
        System.setProperty("java.awt.headless", "true");
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("iteration")
                .yAxisTitle(axis)
                .theme(Styler.ChartTheme.Matlab)
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
        return chart;
    }

    private static byte[] png(
            XYChart chart,
            List<ClearMethods.Method> methods,
            List<HeadRun> runs,
            ToDoubleFunction<ClearMlr.Iteration> clear,
            ToDoubleFunction<HeadRun.Iteration> encrypted) {
        List<ClearMethods.Method> lines = new ArrayList<>(methods);
        lines.add(new ClearMethods.Method("what is encrypted", runs.get(0).clear()));
        for (ClearMethods.Method method : lines) {
            XYSeries series = add(
                    chart,
                    method.name() + ", clear",
                    method.run().iterations().stream().map(clear::applyAsDouble).toList());
            if (series != null) {
                series.setMarker(SeriesMarkers.NONE);
            }
        }
        for (HeadRun run : runs) {
            XYSeries series = add(
                    chart,
                    Words.of(run.plan().encoding()) + ", encrypted",
                    run.iterations().stream().map(encrypted::applyAsDouble).toList());
            if (series != null) {
                series.setMarker(SeriesMarkers.CIRCLE);
            }
        }
        try {
            return ChartEncoder.getBytes(chart, "png");
        } catch (IOException e) {
            throw new UncheckedIOException("a chart cannot be drawn", e);
        }
    }

    /** A line through the values that are there; null if there are none, as after a run that diverged. */
    private static @Nullable XYSeries add(XYChart chart, String name, List<Double> values) {
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            if (Double.isFinite(values.get(i))) {
                x.add(i + 1.0);
                y.add(values.get(i));
            }
        }
        return x.isEmpty() ? null : chart.addSeries(name, x, y);
    }
}
