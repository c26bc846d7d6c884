package org.veil4j.he.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.NetworkGraph.Polynomial;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.rlwe.SecurityLevel;
import org.veil4j.he.rlwe.SecurityTable;

class ModelCompilerTest {
    private static final NetworkGraph SMALL = ReferenceNetwork.smallCryptoNet(new Random(21));

    @Test
    void compile_cryptoNet_choosesSmallestSecureRing() {
        CompilationReport report = ModelCompiler.compile(
                        SMALL, CompileOptions.builder().batch(100).build())
                .report();
        assertThat(report.parameters().logN()).isEqualTo(14);
        assertThat(report.parameters().securityBits()).isGreaterThanOrEqualTo(128);
        assertThat(report.parameters().logQP()).isLessThanOrEqualTo(SecurityTable.maxLogQP(14, SecurityLevel.BITS_128));
        assertThat(report.parameters().logQP()).isGreaterThan(SecurityTable.maxLogQP(13, SecurityLevel.BITS_128));
        assertThat(report.levels()).isEqualTo(5);
        assertThat(report.images()).isEqualTo(8192);
    }

    @Test
    void compile_largerBatch_takesLargerRing() {
        CompileOptions options = CompileOptions.builder().batch(8193).build();
        assertThat(ModelCompiler.compile(SMALL, options).report().parameters().logN())
                .isEqualTo(15);
    }

    @Test
    void compile_higherSecurity_takesLargerRing() {
        CompileOptions options =
                CompileOptions.builder().security(SecurityLevel.BITS_256).build();
        assertThat(ModelCompiler.compile(SMALL, options).report().parameters().logN())
                .isEqualTo(15);
    }

    @Test
    void compile_fixedRingTooSmall_isRefusedWithTheFigures() {
        assertThatThrownBy(() -> ModelCompiler.compile(
                        SMALL, CompileOptions.builder().logN(13).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("logN=13");
        assertThatThrownBy(() -> ModelCompiler.compile(
                        SMALL, CompileOptions.builder().logN(14).batch(10_000).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("8192");
    }

    @Test
    void compile_tooDeep_isRefused() {
        NetworkGraph.Builder b = NetworkGraph.builder("in", TensorShape.vector(4));
        Random random = new Random(3);
        String last = "in";
        for (int i = 0; i < 60; i++) {
            b.add(ReferenceNetwork.dense(random, "d" + i, last, 4, 4));
            b.add(new Polynomial("a" + i, "d" + i, TensorShape.vector(4), new double[][] {{0, 0, 1}}));
            last = "a" + i;
        }
        NetworkGraph deep = b.build(last);
        assertThatThrownBy(() ->
                        ModelCompiler.compile(deep, CompileOptions.builder().build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("depth=121");
    }

    @Test
    void compile_overBudget_isRefusedWithTheFigure() {
        long needed = ModelCompiler.compile(SMALL, CompileOptions.builder().build())
                .report()
                .estimatedPeakBytes();
        CompileOptions enough =
                CompileOptions.builder().memoryBudgetBytes(needed).build();
        assertThat(ModelCompiler.compile(SMALL, enough).report().estimatedPeakBytes())
                .isEqualTo(needed);
        CompiledModel model = ModelCompiler.compile(SMALL, enough).model();
        assertThat(model.estimatedPeakBytes()).isEqualTo(needed);
        model.requireMemory(needed);
        model.requireMemory(0);
        assertThatThrownBy(() -> model.requireMemory(needed - 1)).isInstanceOf(MemoryBudgetExceededException.class);
        CompileOptions tooLittle =
                CompileOptions.builder().memoryBudgetBytes(needed - 1).build();
        assertThatThrownBy(() -> ModelCompiler.compile(SMALL, tooLittle))
                .isInstanceOfSatisfying(MemoryBudgetExceededException.class, e -> {
                    assertThat(e.requiredBytes()).isEqualTo(needed);
                    assertThat(e.budgetBytes()).isEqualTo(needed - 1);
                    assertThat(e).hasMessageContaining("MiB");
                });
    }

    @Test
    void compile_normalisationOfWrongLength_isRefused() {
        CompileOptions options = CompileOptions.builder()
                .normalisation(new double[3], new double[] {1, 1, 1})
                .build();
        assertThatThrownBy(() -> ModelCompiler.compile(SMALL, options)).hasMessageContaining("2 channels");
    }

    @Test
    void options_outOfRange_areRefused() {
        assertThatThrownBy(() -> CompileOptions.builder().logN(9).build()).hasMessageContaining("logN=9");
        assertThatThrownBy(() -> CompileOptions.builder().batch(0).build()).hasMessageContaining("batch=0");
        assertThatThrownBy(() -> CompileOptions.builder().logScale(50).build()).hasMessageContaining("logScale=50");
        assertThatThrownBy(() -> CompileOptions.builder().logOutputScale(48).build())
                .hasMessageContaining("logOutputScale=48")
                .hasMessageContaining("20 to 38");
        assertThatThrownBy(() -> CompileOptions.builder()
                        .normalisation(new double[] {0}, new double[] {0})
                        .build())
                .hasMessageContaining("standardDeviation=0");
    }

    @Test
    void estimateSeconds_twoThreads_isHalfOfOne() {
        CompilationReport report =
                ModelCompiler.compile(SMALL, CompileOptions.builder().build()).report();
        double one = TimeModel.estimateSeconds(report, 1);
        assertThat(one).isPositive();
        assertThat(TimeModel.estimateSeconds(report, 2)).isEqualTo(one / 2);
    }
}
