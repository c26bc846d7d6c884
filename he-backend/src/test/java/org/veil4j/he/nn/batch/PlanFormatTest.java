package org.veil4j.he.nn.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veil4j.he.circuit.SparseMatrix;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.ReferenceNetwork;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.rlwe.SecurityLevel;

/** Plans whose checksums would be right, but whose content would lead a run astray. */
class PlanFormatTest {
    private static final int INPUTS = 4;

    private static byte[] bytes(Plan plan) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PlanFormat.write(new DataOutputStream(bytes), plan);
        return bytes.toByteArray();
    }

    private static Stage stage(Stage.Activation activation, boolean unit, int input) {
        return new Stage(
                "s",
                new int[] {input},
                SparseMatrix.identity(INPUTS),
                unit,
                new double[INPUTS],
                activation,
                null,
                null);
    }

    private static Plan plan(Stage stage, int in, int out, boolean late) {
        return new Plan(List.of(stage), new int[] {in}, new int[] {out}, new boolean[] {late}, 5, 1024, 1024);
    }

    private static void assertCorrupt(Plan plan, String words) throws IOException {
        byte[] bytes = bytes(plan);
        assertThatThrownBy(() -> PlanFormat.read(PayloadReader.of(bytes), INPUTS))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining(words);
    }

    @Test
    void read_compiledPlans_areTheSame() throws IOException {
        for (NetworkGraph graph : List.of(
                ReferenceNetwork.smallCryptoNet(new Random(1)), ReferenceNetwork.smallResidual(new Random(2)))) {
            Plan plan = PlanCandidate.best(graph, new BatchOptions(10, 1, 38, 36, 28, SecurityLevel.INSECURE_TEST))
                    .plan();
            byte[] bytes = bytes(plan);
            Plan read =
                    PlanFormat.read(PayloadReader.of(bytes), graph.inputShape().size());
            assertThat(bytes(read)).isEqualTo(bytes);
        }
    }

    @Test
    void read_levelsThatDoNotFitTheStage_areCorrupt() throws IOException {
        assertCorrupt(plan(stage(Stage.Activation.SQUARE, false, -1), 2, 1, false), "takes 2 levels");
        assertCorrupt(plan(stage(Stage.Activation.SQUARE, false, -1), 0, 0, true), "takes 2 levels");
        assertCorrupt(plan(stage(Stage.Activation.NONE, true, -1), 5, 4, false), "takes 0 levels");
        assertCorrupt(plan(stage(Stage.Activation.NONE, false, -1), 1, 0, true), "rescaling is late");
        Stage first = stage(Stage.Activation.NONE, false, -1);
        Stage second = stage(Stage.Activation.NONE, false, 0);
        assertCorrupt(
                new Plan(List.of(first, second), new int[] {5, 5}, new int[] {4, 4}, new boolean[2], 5, 1024, 1024),
                "its input's 4");
    }

    @Test
    void read_truncatedAnywhere_isCorrupt() throws IOException {
        byte[] bytes = bytes(plan(stage(Stage.Activation.NONE, false, -1), 5, 4, false));
        assertThat(PlanFormat.read(PayloadReader.of(bytes), INPUTS).outputs()).isEqualTo(INPUTS);
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> PlanFormat.read(PayloadReader.of(cut), INPUTS))
                    .as("cut at %d", length)
                    .isInstanceOf(CorruptDataException.class);
        }
    }
}
