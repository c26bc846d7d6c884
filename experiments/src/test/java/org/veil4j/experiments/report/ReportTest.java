package org.veil4j.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    @Test
    void toString_table_isAligned() {
        Table table = new Table("Title")
                .row("a", "1")
                .row("long name", "1234", "x")
                .line()
                .row("b");
        assertThat(table.toString()).isEqualTo("""
                        Title
                        ==================
                        a             1
                        long name  1234  x
                        ------------------
                        b
                        """);
    }

    @Test
    void units_areReadable() {
        assertThat(Units.bytes(0)).isEqualTo("0 B");
        assertThat(Units.bytes(1536)).isEqualTo("1.50 KiB");
        assertThat(Units.bytes(5L << 30)).isEqualTo("5.00 GiB");
        assertThat(Units.bytes(Long.MAX_VALUE)).isEqualTo("8.00 EiB");
        assertThat(Units.seconds(0.0234)).isEqualTo("0.023 s");
        assertThat(Units.seconds(61.26)).isEqualTo("61.3 s");
        assertThat(Units.percent(0.86037)).isEqualTo("86.04 %");
        assertThat(Units.number(12345.6)).isEqualTo("12,346");
        assertThat(Units.number(15.84)).isEqualTo("15.8");
    }

    @Test
    void kilobytes_statusLines_areBytes() {
        assertThat(Machine.kilobytes(List.of("Name:\tjava", "VmHWM:\t  123 kB"), "VmHWM:"))
                .isEqualTo(123L * 1024);
        assertThat(Machine.kilobytes(List.of("Name:\tjava"), "VmHWM:")).isNull();
        assertThat(Machine.cpu()).isNotBlank();
    }

    @Test
    void write_numbersThatAreNotFinite_areNullOrText(@TempDir Path folder) throws IOException {
        record Figures(double x, @Nullable Double y) {}
        Path file = folder.resolve("run.json");
        new RunRecord("x", List.of())
                .put("a", Double.NaN)
                .put("b", 1.5)
                .put("c", null)
                .put("d", Double.POSITIVE_INFINITY)
                .put("e", List.of(new Figures(Double.NaN, Double.NEGATIVE_INFINITY)))
                .write(file);
        JsonNode json = new ObjectMapper().readTree(file.toFile());
        assertThat(json.get("a").isNull()).isTrue();
        assertThat(json.get("b").doubleValue()).isEqualTo(1.5);
        assertThat(json.get("c").isNull()).isTrue();
        assertThat(json.get("d").textValue()).isEqualTo("Infinity");
        assertThat(json.get("e").get(0).get("x").isNull()).isTrue();
        assertThat(json.get("e").get(0).get("y").textValue()).isEqualTo("-Infinity");
    }
}
