package org.veil4j.dp.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.veil4j.dp.gradient.PrivateOutput;

/** Seeded, so a failure repeats; the sizes of the slow tests leave the chance of a false alarm far below one in twenty. */
class CanaryAuditTest {
    private static final long SEED = 3;

    @Test
    void run_soundTraining_staysBelowTheStatedEpsilon() {
        AuditResult result = new CanaryAudit(400, 200, 1.0, SEED).run(Fault.NONE);
        assertThat(result.holds()).as("seed %d, %s", SEED, result).isTrue();
        assertThat(result.stated().epsilon()).isLessThanOrEqualTo(1.0);
    }

    @Test
    void run_brokenNoise_exceedsTheStatedEpsilon() {
        AuditResult result = new CanaryAudit(400, 200, 1.0, SEED).run(Fault.NOISE);
        assertThat(result.epsilonLowerBound()).as("seed %d, %s", SEED, result).isGreaterThan(1.0);
        assertThat(result.holds()).isFalse();
        assertThat(result.auc()).isGreaterThan(0.95);
    }

    @Test
    void run_brokenClipping_exceedsTheStatedEpsilon() {
        AuditResult result = new CanaryAudit(400, 200, 1.0, SEED).run(Fault.CLIPPING);
        assertThat(result.epsilonLowerBound()).as("seed %d, %s", SEED, result).isGreaterThan(1.0);
    }

    /** Broken in code, as a wrong norm would be: the plan, its noise and the clipping of what is reported are all right. */
    @Test
    void run_layerThatReportsNoNorm_exceedsTheStatedEpsilon() {
        AuditResult result = new CanaryAudit(400, 200, 1.0, SEED).run(Fault.NONE, Normless::new);
        assertThat(result.epsilonLowerBound()).as("seed %d, %s", SEED, result).isGreaterThan(1.0);
        assertThat(result.holds()).isFalse();
    }

    /** An output layer whose examples all look as if they had no gradient, so that nothing is clipped. */
    private static final class Normless extends OutputLayer {
        Normless(Builder builder) {
            super(builder);
        }

        @Override
        public Layer instantiate(
                NeuralNetConfiguration conf,
                Collection<TrainingListener> listeners,
                int index,
                INDArray parameters,
                boolean initialise,
                DataType type) {
            PrivateOutput layer = new PrivateOutput(conf, type) {
                @Override
                public void addSquaredNorms(double[] squaredNorms) {}
            };
            layer.setIndex(index);
            layer.setParamsViewArray(parameters);
            layer.setParamTable(initializer().init(conf, parameters, initialise));
            return layer;
        }
    }

    @Test
    @Tag("slow")
    void run_manyCanaries_boundIsPositiveAndBelow() {
        for (long seed = 1; seed <= 5; seed++) {
            AuditResult result = new CanaryAudit(2000, 2000, 4.0, seed).run(Fault.NONE);
            assertThat(result.epsilonLowerBound())
                    .as("seed %d, %s", seed, result)
                    .isBetween(0.05, result.stated().epsilon());
        }
    }

    @Test
    void constructor_outOfRange_isRefusedByName() {
        assertThatThrownBy(() -> new CanaryAudit(199, 100, 1, null)).hasMessageContaining("examples=199");
        assertThatThrownBy(() -> new CanaryAudit(500, 19, 1, null)).hasMessageContaining("canaries=19");
    }
}
