package org.veil4j.dp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.veil4j.dp.mechanism.DpPlan;

/** What is saved goes on as a private network, with its plan and steps, and cannot be trained as a plain one unnoticed. */
class RestoreTest {
    private static final int EXAMPLES = 40;
    private static final DataSet FLAT = TestNetworks.cast(TestNetworks.flat(EXAMPLES, 1), DataType.FLOAT);
    private static final DataSet IMAGES = TestNetworks.cast(TestNetworks.images(EXAMPLES, 1), DataType.FLOAT);

    @TempDir
    Path folder;

    private static DpPlan seeded() {
        return TestNetworks.plan(EXAMPLES, 10).build();
    }

    private static DpMultiLayerNetwork sequential(DpPlan plan) {
        return TestNetworks.initialised(
                new DpMultiLayerNetwork(TestNetworks.dense(new DpAdam(1e-2, plan), DataType.FLOAT)));
    }

    private static DpComputationGraph graph(DpPlan plan) {
        DpComputationGraph network =
                new DpComputationGraph(TestNetworks.residual(new DpAdam(1e-2, plan), DataType.FLOAT));
        network.init();
        return network;
    }

    private File file() {
        return folder.resolve("network.zip").toFile();
    }

    @Test
    void restore_sequential_goesOnAsIfNeverSaved() throws Exception {
        DpMultiLayerNetwork network = sequential(seeded());
        network.fit(PoissonSampler.of(FLAT, network.plan()));
        network.save(file());
        DpMultiLayerNetwork restored = DpMultiLayerNetwork.restore(file());
        assertThat(restored.plan()).isEqualTo(network.plan());
        assertThat(restored.steps()).isEqualTo(4);
        assertThat(restored.getIterationCount()).isEqualTo(4);
        assertThat(restored.getEpochCount()).isEqualTo(1);
        network.fit(PoissonSampler.of(FLAT, network.plan()), 3);
        restored.fit(PoissonSampler.of(FLAT, restored.plan()), 3);
        assertThat(restored.params()).isEqualTo(network.params());
        assertThatExceptionOfType(PrivacyGuardException.class)
                .isThrownBy(() -> restored.fit(PoissonSampler.of(FLAT, restored.plan())))
                .withMessageContaining("16 of 16");
    }

    @Test
    void restore_graph_goesOnAsIfNeverSaved() throws Exception {
        DpComputationGraph network = graph(seeded());
        network.fit(PoissonSampler.of(IMAGES, network.plan()), 2);
        ModelSerializer.writeModel(network, file(), true);
        DpComputationGraph restored = DpComputationGraph.restore(file());
        assertThat(restored.steps()).isEqualTo(8);
        assertThat(restored.getIterationCount()).isEqualTo(8);
        network.fit(PoissonSampler.of(IMAGES, network.plan()));
        restored.fit(PoissonSampler.of(IMAGES, restored.plan()));
        assertThat(restored.params()).isEqualTo(network.params());
        assertThat(restored.guarantee().epsilon()).isEqualTo(network.guarantee().epsilon());
    }

    @Test
    void restore_withoutUpdaterState_keepsPlanAndSteps() throws Exception {
        DpMultiLayerNetwork network = sequential(seeded());
        network.fit(PoissonSampler.of(FLAT, network.plan()));
        ModelSerializer.writeModel(network, file(), false);
        DpMultiLayerNetwork restored = DpMultiLayerNetwork.restore(file());
        assertThat(restored.steps()).isEqualTo(4);
        assertThat(restored.params()).isEqualTo(network.params());
        restored.fit(PoissonSampler.of(FLAT, restored.plan()));
        assertThat(restored.steps()).isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void restore_stockKind_infersButRefusesToTrain(boolean saveUpdater) throws Exception {
        DpMultiLayerNetwork network = sequential(seeded());
        network.fit(PoissonSampler.of(FLAT, network.plan()));
        ModelSerializer.writeModel(network, file(), saveUpdater);
        MultiLayerNetwork stock = ModelSerializer.restoreMultiLayerNetwork(file(), true);
        assertThat(stock.output(FLAT.getFeatures())).isEqualTo(network.output(FLAT.getFeatures()));
        assertThatExceptionOfType(PrivacyGuardException.class)
                .isThrownBy(() -> stock.fit(FLAT))
                .withMessageContaining("of(network)");
        assertThat(stock.params()).isEqualTo(network.params());

        DpComputationGraph graph = graph(seeded());
        graph.fit(PoissonSampler.of(IMAGES, graph.plan()));
        ModelSerializer.writeModel(graph, file(), saveUpdater);
        ComputationGraph stockGraph = ModelSerializer.restoreComputationGraph(file(), true);
        assertThat(stockGraph.outputSingle(IMAGES.getFeatures())).isEqualTo(graph.outputSingle(IMAGES.getFeatures()));
        assertThatExceptionOfType(PrivacyGuardException.class).isThrownBy(() -> stockGraph.fit(IMAGES));
        DpComputationGraph taken = DpComputationGraph.of(stockGraph);
        assertThat(taken.steps()).isEqualTo(4);
        taken.fit(PoissonSampler.of(IMAGES, taken.plan()));
        assertThat(taken.steps()).isEqualTo(8);
    }

    @Test
    void restore_privatePlanInTheSameProcess_doesNotGiveStepsBack() throws Exception {
        DpPlan plan = DpPlan.builder()
                .examples(EXAMPLES)
                .expectedBatch(10)
                .epochs(3)
                .clipNorm(1)
                .delta(1e-3)
                .targetEpsilon(8)
                .build();
        DpMultiLayerNetwork network = sequential(plan);
        network.fit(PoissonSampler.of(FLAT, plan));
        network.save(file());
        network.fit(PoissonSampler.of(FLAT, plan));
        DpMultiLayerNetwork earlier = DpMultiLayerNetwork.restore(file());
        assertThat(earlier.steps()).isEqualTo(8);
        earlier.fit(PoissonSampler.of(FLAT, plan));
        assertThat(network.steps()).isEqualTo(12);
        assertThat(network.guarantee().epsilon())
                .isEqualTo(plan.guarantee().epsilon())
                .isLessThanOrEqualTo(8);
    }

    @Test
    void of_plainUpdater_isRefused() {
        assertThatExceptionOfType(UnsupportedUnderDpException.class)
                .isThrownBy(() -> DpMultiLayerNetwork.of(TestNetworks.stockDense(new Adam(1e-3), DataType.FLOAT)))
                .withMessageContaining("no parameter has a private one ('layer0' W: Adam)")
                .withMessageContaining("new DpAdam(1e-3, plan)");
    }

    @Test
    void convert_dataTypeOrKind_keepsTheGuard() {
        DpMultiLayerNetwork network = sequential(seeded());
        network.fit(PoissonSampler.of(FLAT, network.plan()));
        ComputationGraph asGraph = network.toComputationGraph();
        assertThatExceptionOfType(PrivacyGuardException.class).isThrownBy(() -> asGraph.fit(FLAT));
        assertThat(DpComputationGraph.of(asGraph).steps()).isEqualTo(4);
        MultiLayerNetwork twice = network.convertDataType(DataType.DOUBLE);
        assertThatExceptionOfType(PrivacyGuardException.class).isThrownBy(() -> twice.fit(TestNetworks.flat(8, 1)));
        DpMultiLayerNetwork inDouble = DpMultiLayerNetwork.of(twice);
        assertThat(inDouble.steps()).isEqualTo(4);
        inDouble.fit(PoissonSampler.of(TestNetworks.flat(EXAMPLES, 1), inDouble.plan()));
        assertThat(inDouble.params().dataType()).isEqualTo(DataType.DOUBLE);
        assertThat(inDouble.steps()).isEqualTo(8);
    }

    @Test
    void javaSerialisation_bothKinds_goOnPrivately() throws Exception {
        DpMultiLayerNetwork network = sequential(seeded());
        network.fit(PoissonSampler.of(FLAT, network.plan()));
        DpMultiLayerNetwork copy = (DpMultiLayerNetwork) copied(network);
        INDArray before = copy.params().dup();
        assertThat(before).isEqualTo(network.params());
        copy.fit(PoissonSampler.of(FLAT, copy.plan()));
        assertThat(copy.steps()).isEqualTo(8);
        DpComputationGraph graph = graph(seeded());
        graph.fit(PoissonSampler.of(IMAGES, graph.plan()));
        DpComputationGraph graphCopy = (DpComputationGraph) copied(graph);
        graphCopy.fit(PoissonSampler.of(IMAGES, graphCopy.plan()));
        assertThat(graphCopy.steps()).isEqualTo(8);
        DpUpdater updater = new DpAdam(1e-3, seeded());
        updater.ledger().spend();
        DpUpdater updaterCopy = (DpUpdater) copied(updater);
        assertThat(updaterCopy).isEqualTo(updater);
        assertThat(updaterCopy.ledger().steps()).isEqualTo(1);
    }

    private static Object copied(Object object) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return in.readObject();
        }
    }
}
