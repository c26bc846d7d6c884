package org.veil4j.experiments.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Table;
import org.veil4j.experiments.report.Units;
import org.veil4j.he.nn.StageRange;
import org.veil4j.he.nn.ValueRanges;

/** How large values become, and how precise results are, as rows of a table and in a record. */
final class RangeFigures {
    private RangeFigures() {}

    static void rows(ValueRanges ranges, Table table) {
        boolean measured = ranges.samples() > 0;
        table.row("estimated precision, at least", Units.bits(ranges.estimatedPrecisionBits()))
                .row("largest result that fits", String.format(Locale.ROOT, "%.0f", ranges.outputCapacity()))
                .row(
                        "headroom below the modulus",
                        measured ? Units.bits(ranges.measuredHeadroomBits()) : "not measured")
                .row("sample images", Integer.toString(ranges.samples()))
                .line()
                .row("stage", "largest", "headroom", "possible", "headroom");
        for (StageRange s : ranges.stages()) {
            table.row(
                    s.stage(),
                    measured ? number(s.largestMeasured()) : "-",
                    measured ? number(s.measuredHeadroomBits()) : "-",
                    number(s.largestPossible()),
                    number(s.possibleHeadroomBits()));
        }
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 1e6 ? "%.1f" : "%.1e", value);
    }

    static void put(ValueRanges ranges, RunRecord run) {
        List<Map<String, Object>> stages = new ArrayList<>();
        for (StageRange s : ranges.stages()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("stage", s.stage());
            row.put("largestMeasured", s.largestMeasured());
            row.put("measuredHeadroomBits", s.measuredHeadroomBits());
            row.put("largestPossible", s.largestPossible());
            row.put("possibleHeadroomBits", s.possibleHeadroomBits());
            stages.add(row);
        }
        run.put("estimatedPrecisionBits", ranges.estimatedPrecisionBits())
                .put("outputCapacity", ranges.outputCapacity())
                .put("headroomBits", ranges.measuredHeadroomBits())
                .put("possibleHeadroomBits", ranges.possibleHeadroomBits())
                .put("samples", ranges.samples())
                .put("ranges", stages);
    }
}
