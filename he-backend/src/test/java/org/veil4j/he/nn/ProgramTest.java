package org.veil4j.he.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.layout.BatchLayout;
import org.veil4j.he.rlwe.SecurityLevel;

class ProgramTest {
    private static final NetworkGraph GRAPH = ReferenceNetwork.smallCryptoNet(new Random(8));
    private static final CompileOptions OPTIONS = CompileOptions.builder()
            .logN(10)
            .security(SecurityLevel.INSECURE_TEST)
            .build();

    @TempDir
    Path folder;

    @Test
    void batchProgram_readFromAFile_isTheSame() throws IOException {
        Compilation compiled = ModelCompiler.compile(GRAPH, OPTIONS);
        Path file = folder.resolve("model");
        compiled.model().write(file);
        try (FrameReader reader = FrameReader.open(file)) {
            reader.expectFrame("PLAN"); // as in earlier versions
        }
        Program program = CompiledModel.read(file).program();
        assertThat(program.tag()).isEqualTo("batch");
        assertThat(program.inputLayout()).isEqualTo(new BatchLayout(GRAPH.inputShape(), 512));
        assertThat(program.outputLayout().images()).isEqualTo(512);
        assertThat(program.stages()).isEqualTo(compiled.report().stages());
        assertThat(program.cost().counts().toMap()).isEqualTo(compiled.report().counts());
        assertThat(program.keys()).isEqualTo(compiled.clientSpec().keys());
        assertThat(program.inputLevel()).isEqualTo(compiled.report().levels());
    }

    @Test
    void read_programFrame_goesByItsTag() throws IOException {
        CompiledModel model = ModelCompiler.compile(GRAPH, OPTIONS).model();
        assertThat(CompiledModel.read(written(model, "PROG", "batch")).fingerprint())
                .isEqualTo(model.fingerprint());
        assertThatThrownBy(() -> CompiledModel.read(written(model, "PROG", "unheard of")))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("unheard of");
        assertThatThrownBy(() -> CompiledModel.read(written(model, "PLOT", "batch")))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("PLOT");
    }

    private Path written(CompiledModel model, String frame, String tag) throws IOException {
        Path file = folder.resolve("crafted");
        try (FrameWriter writer =
                FrameWriter.create(file, FileKind.MODEL, model.parameters().fingerprint())) {
            writer.beginFrame(frame);
            model.parameters().write(writer.out());
            writer.out().writeUTF(tag);
            model.program().write(writer.out());
            writer.endFrame();
            writer.commit();
        }
        return file;
    }
}
