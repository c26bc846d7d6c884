package org.veil4j.dp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.veil4j.dp.mechanism.DpPlan;

class DpUpdaterTest {
    private final DpPlan plan = TestNetworks.plan(40, 8).build();

    private static DpUpdater first(MultiLayerConfiguration configuration) {
        return (DpUpdater) ((BaseLayer) configuration.getConf(0).getLayer()).getIUpdater();
    }

    @Test
    void json_configuration_carriesUpdaterPlanAndSteps() {
        DpPlan secret = DpPlan.builder()
                .examples(40)
                .expectedBatch(8)
                .epochs(3)
                .clipNorm(1)
                .delta(1e-3)
                .targetEpsilon(3)
                .build();
        for (IUpdater updater : new IUpdater[] {
            new DpAdam(0.25, secret),
            new DpAdam(new ExponentialSchedule(ScheduleType.EPOCH, 0.5, 0.9), plan),
            new DpSgd(0.5, 0.9, plan),
            new DpSgd(0.5, 0, plan),
            new DpUpdater(new AMSGrad(0.125), plan)
        }) {
            DpUpdater original = (DpUpdater) updater;
            MultiLayerConfiguration configuration = TestNetworks.dense(original, DataType.FLOAT);
            original.ledger().spend();
            original.ledger().spend();
            DpUpdater read = first(MultiLayerConfiguration.fromJson(configuration.toJson()));
            assertThat(read).isEqualTo(original).hasSameClassAs(original).hasSameHashCodeAs(original);
            assertThat(read.plan()).isEqualTo(original.plan());
            assertThat(read.ledger().steps()).isEqualTo(2);
            ComputationGraphConfiguration graph = TestNetworks.residual(original, DataType.FLOAT);
            assertThat(ComputationGraphConfiguration.fromJson(graph.toJson())).isEqualTo(graph);
        }
    }

    @Test
    void json_privatePlanInOneProcess_joinsTheLiveLedger() {
        DpPlan secret = DpPlan.builder()
                .examples(40)
                .expectedBatch(8)
                .epochs(3)
                .clipNorm(1)
                .delta(1e-3)
                .noiseMultiplier(1)
                .build();
        DpAdam updater = new DpAdam(1e-3, secret);
        updater.ledger().spend();
        String early = TestNetworks.dense(updater, DataType.FLOAT).toJson();
        updater.ledger().spend();
        // Going back to a checkpoint does not give a spent step back.
        DpUpdater restored = first(MultiLayerConfiguration.fromJson(early));
        assertThat(restored.ledger()).isSameAs(updater.ledger());
        assertThat(restored.ledger().steps()).isEqualTo(2);
    }

    @Test
    void json_stepsBeyondThePlan_areRefused() {
        String json = TestNetworks.dense(new DpAdam(1e-3, plan), DataType.FLOAT).toJson();
        String damaged = json.replace("\"stepsTaken\" : 0", "\"stepsTaken\" : 21");
        assertThat(damaged).isNotEqualTo(json);
        assertThatExceptionOfType(Exception.class)
                .isThrownBy(() -> MultiLayerConfiguration.fromJson(damaged))
                .withStackTraceContaining("stepsTaken=21");
    }

    @Test
    void clone_sharesTheLedgerAndCopiesTheUpdater() {
        DpUpdater updater = new DpUpdater(new Nesterovs(0.5, 0.9), plan);
        DpUpdater clone = updater.clone();
        updater.ledger().spend();
        assertThat(clone).isEqualTo(updater).isNotSameAs(updater);
        assertThat(clone.ledger()).isSameAs(updater.ledger());
        clone.setLrAndSchedule(0.25, null);
        assertThat(clone.getLearningRate(0, 0)).isEqualTo(0.25);
        assertThat(updater.getLearningRate(0, 0)).isEqualTo(0.5);
        assertThat(clone).isNotEqualTo(updater);
        assertThat(new DpAdam(1e-3, plan).clone()).isInstanceOf(DpAdam.class);
        assertThat(new DpSgd(1e-3, 0, plan).clone()).isInstanceOf(DpSgd.class);
    }

    @Test
    void delegation_anyUpdater_isThatOfTheUpdater() {
        Adam adam = new Adam(new ExponentialSchedule(ScheduleType.ITERATION, 0.5, 0.5));
        DpUpdater updater = new DpUpdater(adam, plan);
        assertThat(updater.hasLearningRate()).isTrue();
        assertThat(updater.getLearningRate(2, 0)).isEqualTo(0.125);
        assertThat(updater.stateSize(10)).isEqualTo(20);
        assertThat(updater.toString()).contains("Adam").contains("DpPlan");
        assertThat(new DpSgd(0.1, 0, plan).updater()).isInstanceOf(Sgd.class);
        assertThat(((Nesterovs) new DpSgd(0.1, 0.8, plan).updater()).getMomentum())
                .isEqualTo(0.8);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, Double.NaN})
    void dpSgd_momentumOutOfRange_isRefused(double momentum) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DpSgd(0.1, momentum, plan))
                .withMessageContaining("momentum=" + momentum);
    }

    @Test
    void constructor_privateUpdaterInside_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DpUpdater(new DpAdam(1e-3, plan), plan))
                .withMessageContaining("private already");
    }

    @Test
    void fit_stockNetworks_areRefusedAndDoNotMove() {
        MultiLayerNetwork sequential =
                new MultiLayerNetwork(TestNetworks.dense(new DpAdam(1e-3, plan), DataType.FLOAT));
        sequential.init();
        INDArray before = sequential.params().dup();
        assertThatExceptionOfType(PrivacyGuardException.class)
                .isThrownBy(() -> sequential.fit(TestNetworks.flat(4, 1)))
                .withMessageContaining("DpMultiLayerNetwork");
        assertThat(sequential.params()).isEqualTo(before);

        ComputationGraph graph = new ComputationGraph(TestNetworks.residual(new DpAdam(1e-3, plan), DataType.FLOAT));
        graph.init();
        INDArray graphBefore = graph.params().dup();
        assertThatExceptionOfType(PrivacyGuardException.class)
                .isThrownBy(() -> graph.fit(TestNetworks.images(4, 1)))
                .withMessageContaining("DpComputationGraph");
        assertThat(graph.params()).isEqualTo(graphBefore);
    }

    @Test
    void applyUpdater_unsealedGradient_isRefused() {
        INDArray state = Nd4j.zeros(1, 20);
        assertThatExceptionOfType(PrivacyGuardException.class)
                .isThrownBy(
                        () -> new DpAdam(1e-3, plan).instantiate(state, true).applyUpdater(Nd4j.ones(1, 10), 0, 0))
                .withMessageContaining("gradient: was not clipped and noised");
    }
}
