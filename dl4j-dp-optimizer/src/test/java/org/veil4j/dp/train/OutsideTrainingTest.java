package org.veil4j.dp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.File;
import java.nio.file.Path;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.EarlyStoppingResult;
import org.deeplearning4j.earlystopping.saver.InMemoryModelSaver;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.termination.MaxEpochsTerminationCondition;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingTrainer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.updater.MultiLayerUpdater;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

/** A network that was trained without its plan does not come back with the plan's guarantee; other detours of DL4J. */
class OutsideTrainingTest extends GuardedNetworks {
    @TempDir
    Path folder;

    private File file() {
        return folder.resolve("network.zip").toFile();
    }

    /** Trains as DL4J lets any network be trained: with an updater that knows of no plan. */
    private static void trainPlainly(MultiLayerNetwork stock, int times) {
        stock.setUpdater(new MultiLayerUpdater(TestNetworks.stockDense(new Sgd(0.5), DataType.FLOAT)));
        INDArray before = stock.params().dup();
        for (int i = 0; i < times; i++) {
            stock.fit(FLAT);
        }
        assertThat(stock.params()).isNotEqualTo(before);
    }

    @Test
    void restore_trainedPlainlyInAStockNetwork_isRefused() throws Exception {
        network.fit(PoissonSampler.of(FLAT, plan));
        ModelSerializer.writeModel(network, file(), true);
        MultiLayerNetwork stock = ModelSerializer.restoreMultiLayerNetwork(file(), true);
        assertThat(DpMultiLayerNetwork.of(stock).steps()).isEqualTo(4);
        trainPlainly(stock, 3);
        refused("iterations=7: private training ended at 4", () -> DpMultiLayerNetwork.of(stock));
        ModelSerializer.writeModel(stock, file(), true);
        assertThatExceptionOfType(PrivacyGuardException.class)
                .isThrownBy(() -> DpMultiLayerNetwork.restore(file()))
                .withMessageContaining("no guarantee covers these parameters");
    }

    @Test
    void restore_graphTrainedPlainlyInAStockNetwork_isRefused() throws Exception {
        graph.fit(PoissonSampler.of(IMAGES, plan));
        ModelSerializer.writeModel(graph, file(), true);
        ComputationGraph stock = ModelSerializer.restoreComputationGraph(file(), true);
        assertThat(DpComputationGraph.of(stock).steps()).isEqualTo(4);
        stock.setUpdater(new ComputationGraphUpdater(TestNetworks.stockResidual(new Sgd(0.5), DataType.FLOAT)));
        stock.fit(IMAGES);
        refused("iterations=5: private training ended at 4", () -> DpComputationGraph.of(stock));
        ModelSerializer.writeModel(stock, file(), false);
        assertThatExceptionOfType(PrivacyGuardException.class).isThrownBy(() -> DpComputationGraph.restore(file()));
    }

    /** Without a file: a stock network from the private one's configuration, copied or not. */
    @Test
    void of_stockNetworkOfTheSameConfiguration_isRefusedOnceTrained() {
        network.fit(PoissonSampler.of(FLAT, plan));
        MultiLayerNetwork stock =
                new MultiLayerNetwork(network.getLayerWiseConfigurations().clone());
        stock.init(network.params().dup(), false);
        trainPlainly(stock, 1);
        refused("iterations=5: private training ended at 4", () -> DpMultiLayerNetwork.of(stock));
        MultiLayerNetwork sharing = new MultiLayerNetwork(network.getLayerWiseConfigurations());
        sharing.init(network.params().dup(), false);
        trainPlainly(sharing, 1);
        refused("iterations=5: private training ended at 4", () -> DpMultiLayerNetwork.of(sharing));
    }

    @Test
    void restore_parametersSetInThePrivateNetwork_goesOn() throws Exception {
        MultiLayerNetwork published = TestNetworks.stockDense(new Adam(1e-3), DataType.FLOAT);
        for (int i = 0; i < 9; i++) {
            published.fit(FLAT);
        }
        network.setParams(published.params());
        network.fit(PoissonSampler.of(FLAT, plan));
        network.setParams(network.params().mul(0.5));
        network.save(file());
        DpMultiLayerNetwork restored = DpMultiLayerNetwork.restore(file());
        assertThat(restored.steps()).isEqualTo(4);
        assertThat(restored.params()).isEqualTo(network.params());
        restored.fit(PoissonSampler.of(FLAT, restored.plan()));
        restored.save(file());
        assertThat(DpMultiLayerNetwork.restore(file()).getIterationCount()).isEqualTo(8);
        assertThat(restored.clone().clone().steps()).isEqualTo(8);
    }

    /** DL4J copies a graph's configuration without the count of iterations, and with the very updaters. */
    @Test
    void restore_whileACopyOfTheConfigurationStartsAnew_goesOn() throws Exception {
        graph.fit(PoissonSampler.of(IMAGES, plan));
        DpComputationGraph anew =
                new DpComputationGraph(graph.getConfiguration().clone());
        anew.init();
        assertThat(anew.getIterationCount()).isZero();
        assertThat(anew.steps()).isEqualTo(4);
        ModelSerializer.writeModel(graph, file(), true);
        assertThat(DpComputationGraph.restore(file()).getIterationCount()).isEqualTo(4);
    }

    @Test
    void setLayerWiseConfigurations_another_isRefused() throws Exception {
        network.fit(PoissonSampler.of(FLAT, plan));
        refused(
                "configuration: would be another one",
                () -> network.setLayerWiseConfigurations(TestNetworks.dense(new Sgd(1), DataType.FLOAT)));
        ModelSerializer.writeModel(network, file(), true);
        MultiLayerNetwork stock = ModelSerializer.restoreMultiLayerNetwork(file(), true);
        refused("gradient: was not clipped", () -> stock.fit(FLAT));
        network.fit(PoissonSampler.of(FLAT, plan));
        assertThat(network.steps()).isEqualTo(8);
    }

    @Test
    void transferLearning_ofAPrivateNetwork_keepsTheGuardAndTheLedger() {
        network.fit(PoissonSampler.of(FLAT, plan));
        MultiLayerNetwork tuned = new TransferLearning.Builder(network)
                .fineTuneConfiguration(
                        new FineTuneConfiguration.Builder().seed(3).l2(1e-3).build())
                .build();
        refused("gradient: was not clipped", () -> tuned.fit(FLAT));
        MultiLayerNetwork frozen =
                new TransferLearning.Builder(network).setFeatureExtractor(0).build();
        refused("gradient: was not clipped", () -> frozen.fit(FLAT));
        DpMultiLayerNetwork goesOn = DpMultiLayerNetwork.of(frozen);
        goesOn.fit(PoissonSampler.of(FLAT, plan));
        assertThat(goesOn.steps()).isEqualTo(8);
        assertThat(network.steps()).isEqualTo(8);

        graph.fit(PoissonSampler.of(IMAGES, plan));
        ComputationGraph frozenGraph = new TransferLearning.GraphBuilder(graph)
                .setFeatureExtractor("stem")
                .build();
        refused("gradient: was not clipped", () -> frozenGraph.fit(IMAGES));
        DpComputationGraph graphGoesOn = DpComputationGraph.of(frozenGraph);
        graphGoesOn.fit(PoissonSampler.of(IMAGES, plan));
        assertThat(graph.steps()).isEqualTo(8);
    }

    /** Whoever asks for a plain updater gets one, and no plan with it: it cannot come back as private. */
    @Test
    void transferLearning_toAPlainUpdater_carriesNoPlan() {
        network.fit(PoissonSampler.of(FLAT, plan));
        MultiLayerNetwork plain = new TransferLearning.Builder(network)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(new Adam(1e-3))
                        .build())
                .build();
        plain.fit(FLAT);
        assertThatExceptionOfType(UnsupportedUnderDpException.class)
                .isThrownBy(() -> DpMultiLayerNetwork.of(plain))
                .withMessageContaining("no parameter has a private one");
    }

    /** DL4J's trainer fits batch by batch, which a Poisson plan refuses: nothing is spent and nothing is learned. */
    @Test
    void earlyStoppingTrainer_underAPoissonPlan_spendsNothing() {
        EarlyStoppingConfiguration<MultiLayerNetwork> configuration = new EarlyStoppingConfiguration.Builder<
                        MultiLayerNetwork>()
                .epochTerminationConditions(new MaxEpochsTerminationCondition(3))
                .scoreCalculator(new DataSetLossCalculator(new ListDataSetIterator<>(FLAT.asList(), 10), true))
                .modelSaver(new InMemoryModelSaver<>())
                .build();
        INDArray before = network.params().dup();
        for (var iterator :
                java.util.List.of(PoissonSampler.of(FLAT, plan), new ListDataSetIterator<>(FLAT.asList(), 10))) {
            EarlyStoppingTrainer trainer = new EarlyStoppingTrainer(configuration, network, iterator);
            try {
                EarlyStoppingResult<MultiLayerNetwork> result = trainer.fit();
                assertThat(result.getTerminationReason()).isEqualTo(EarlyStoppingResult.TerminationReason.Error);
            } catch (RuntimeException e) {
                // DL4J logs the refusal, and then fails for want of a model.
                assertThat(e).isInstanceOf(NullPointerException.class);
            }
            assertThat(network.params()).isEqualTo(before);
            assertThat(network.steps()).isZero();
        }
    }
}
