package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Table;
import org.veil4j.he.rlwe.KeyRequest;

class KeyFiguresTest {
    @Test
    void rows_manyKeys_areOneALevel() {
        KeyRequest keys = KeyRequest.none()
                .withRelinearization(17)
                .withRotations(IntStream.range(1, 100).boxed().toList(), 9)
                .withRotation(100, 17)
                .withConjugation(0);
        Table table = new Table("keys");
        KeyFigures.rows(keys, table);
        assertThat(table.toString().lines())
                .hasSize(5)
                .anyMatch(row -> row.matches("keys up to level 17 +relinearisation, 1 rotation"))
                .anyMatch(row -> row.matches("keys up to level 9 +99 rotations"))
                .anyMatch(row -> row.matches("keys up to level 0 +conjugation"));
        RunRecord run = new RunRecord("inspect", List.of());
        KeyFigures.put(keys, run);
        assertThat(run.get("keysByLevel"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                .hasSize(3)
                .first()
                .isEqualTo(
                        Map.of("level", 17, "relinearization", true, "conjugation", false, "rotations", List.of(100)));
    }

    @Test
    void rows_noKeys_saySo() {
        Table table = new Table("keys");
        KeyFigures.rows(KeyRequest.none(), table);
        assertThat(table.toString()).containsPattern("keys +none");
    }
}
