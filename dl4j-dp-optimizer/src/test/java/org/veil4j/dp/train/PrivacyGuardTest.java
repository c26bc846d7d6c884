package org.veil4j.dp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.MultiLayerUpdater;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.solvers.accumulation.BasicGradientsAccumulator;
import org.deeplearning4j.optimize.solvers.accumulation.LocalHandler;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.veil4j.dp.mechanism.DpPlan;

/** Every public way to get round the privacy of a network: each is refused, or leaves the next step private. */
class PrivacyGuardTest extends GuardedNetworks {
    /** A fit that is refused must leave parameters and ledger alone. */
    private void fitRefused(Model model, PrivacyLedger ledger, String message) {
        INDArray before = model.params().dup();
        long steps = ledger.steps();
        refused(message, () -> fit(model));
        assertThat(model.params()).isEqualTo(before);
        assertThat(ledger.steps()).isEqualTo(steps);
    }

    @Test
    void computeGradientAndScore_direct_isRefused() {
        network.setInput(FLAT.getFeatures());
        network.setLabels(FLAT.getLabels());
        refused("computeGradientAndScore", network::computeGradientAndScore);
        refused("computeGradientAndScore", () -> network.computeGradientAndScore(LayerWorkspaceMgr.noWorkspaces()));
        graph.setInputs(IMAGES.getFeatures());
        graph.setLabels(IMAGES.getLabels());
        refused("computeGradientAndScore", graph::computeGradientAndScore);
        refused("computeGradientAndScore", () -> graph.computeGradientAndScore(LayerWorkspaceMgr.noWorkspaces()));
        refused("computeGradientAndScore", () -> network.getOptimizer().optimize(LayerWorkspaceMgr.noWorkspaces()));
        refused("computeGradientAndScore", () -> {
            fit(graph);
            graph.getOptimizer().optimize(LayerWorkspaceMgr.noWorkspaces());
        });
    }

    @Test
    void rawGradients_otherMethods_areRefused() {
        refused(
                "calculateGradients",
                () -> network.calculateGradients(FLAT.getFeatures(), FLAT.getLabels(), null, null));
        refused("backpropGradient", () -> network.backpropGradient(FLAT.getLabels(), LayerWorkspaceMgr.noWorkspaces()));
        refused("backpropGradient", () -> graph.backpropGradient(IMAGES.getLabels()));
        Gradient gradient = new DefaultGradient(Nd4j.ones(1, network.numParams()));
        refused("update: would apply", () -> network.update(gradient));
        refused("update: would apply", () -> graph.update(gradient));
        refused("update: would apply", () -> network.update(Nd4j.ones(3), "0_W"));
        refused("update: would apply", () -> graph.update(Nd4j.ones(3), "out_W"));
    }

    @Test
    void pretrain_anyForm_isRefused() {
        var data = new org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator<>(FLAT.asList(), 8);
        var pairs = new PairedIterator(data);
        for (Runnable way : List.<Runnable>of(
                () -> network.pretrain(data),
                () -> network.pretrain(data, 2),
                () -> network.pretrainLayer(0, data),
                () -> network.pretrainLayer(0, data, 2),
                () -> network.pretrainLayer(0, FLAT.getFeatures()),
                () -> graph.pretrain(data),
                () -> graph.pretrain(data, 2),
                () -> graph.pretrain(pairs),
                () -> graph.pretrain(pairs, 2),
                () -> graph.pretrainLayer("dense", data),
                () -> graph.pretrainLayer("dense", pairs))) {
            refused("pretrain", way);
        }
    }

    @Test
    void update_gradientOfAPrivateStepAgain_isRefused() {
        fit(network);
        fit(graph);
        INDArray before = graph.params().dup();
        refused(
                "gradient: was not clipped",
                () -> network.getUpdater()
                        .update(network, network.gradient(), 0, 0, 1, LayerWorkspaceMgr.noWorkspaces()));
        refused(
                "gradient: was not clipped",
                () -> graph.getUpdater().update(graph.gradient(), 0, 0, 1, LayerWorkspaceMgr.noWorkspaces()));
        assertThat(graph.params()).isEqualTo(before);
    }

    /** A stock network with the same updater, on the same thread: after a private step, and from within one. */
    @Test
    void stockNetwork_afterAndWithinAPrivateStep_isRefused() {
        MultiLayerNetwork stock =
                new MultiLayerNetwork(network.getLayerWiseConfigurations().clone());
        stock.init();
        fit(network);
        refused("gradient: was not clipped", () -> stock.fit(FLAT));
        int[] calls = new int[3];
        network.setListeners(new BaseTrainingListener() {
            private void attempt(int when) {
                refused("gradient: was not clipped", () -> stock.fit(FLAT));
                calls[when]++;
            }

            @Override
            public void onGradientCalculation(Model model) {
                // Opens the seal early, as only the optimizer should.
                model.gradientAndScore();
                attempt(0);
            }

            @Override
            public void onBackwardPass(Model model) {
                attempt(1);
            }

            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                attempt(2);
            }
        });
        fit(network);
        assertThat(calls).containsExactly(4, 4, 4);
    }

    @Test
    void setUpdater_plain_isRefusedUntilPutBack() {
        MultiLayerNetwork plain = TestNetworks.stockDense(new Adam(1e-3), DataType.FLOAT);
        network.setUpdater(new MultiLayerUpdater(plain));
        fitRefused(network, network.ledger(), "updater: was replaced");
        network.setUpdater(null);
        fitPrivate(network);

        ComputationGraph plainGraph = TestNetworks.stockResidual(new Adam(1e-3), DataType.FLOAT);
        graph.setUpdater(new ComputationGraphUpdater(plainGraph));
        fitRefused(graph, graph.ledger(), "updater: was replaced");
        graph.setUpdater(null);
        fit(graph);
        assertThat(graph.steps()).isEqualTo(4);
    }

    @Test
    void setUpdater_ofAnotherPrivateTraining_isRefused() {
        network.setUpdater(new MultiLayerUpdater(TestNetworks.denseNetwork(plan)));
        fitRefused(network, network.ledger(), "updater: was replaced");
    }

    @Test
    void updaterState_replaced_leavesStepsPrivate() {
        DpMultiLayerNetwork adam = TestNetworks.initialised(
                new DpMultiLayerNetwork(TestNetworks.dense(new DpAdam(1e-2, plan), DataType.FLOAT)));
        fit(adam);
        adam.getUpdater().getStateViewArray().assign(0);
        adam.getUpdater().setStateViewArray(adam, Nd4j.ones(1, 2 * adam.numParams()), false);
        fit(adam);
        assertThat(adam.steps()).isEqualTo(8);
        assertThat(adam.lastStep().examples()).isPositive();
    }

    @Test
    void setParams_anyValues_leavesStepsPrivate() {
        fit(network);
        network.setParams(Nd4j.ones(DataType.FLOAT, network.numParams()).muli(0.1));
        network.setParameters(Nd4j.ones(DataType.FLOAT, network.numParams()).muli(0.2));
        fitPrivate(network);
    }

    @Test
    void setParam_ofNetworksAndLayers_leavesStepsPrivate() {
        fit(network);
        network.setParam("0_W", network.getParam("0_W").mul(0.5));
        network.setParamTable(doubled(network.paramTable()));
        network.getLayer(0).setParam("b", network.getLayer(0).getParam("b").add(0.25));
        network.getLayer(1).setParams(network.getLayer(1).params().mul(0.5));
        fitPrivate(network);

        graph.setParam("out_W", graph.getParam("out_W").mul(0.5));
        graph.setParamTable(doubled(graph.paramTable()));
        graph.getLayer("dense")
                .setParam("b", graph.getLayer("dense").getParam("b").add(0.25));
        graphFitPrivate();
    }

    private static Map<String, INDArray> doubled(Map<String, INDArray> table) {
        Map<String, INDArray> result = new LinkedHashMap<>();
        table.forEach((name, values) -> result.put(name, values.mul(2)));
        return result;
    }

    /** Like {@link #fitPrivate}, for the graph, which has no steps yet. */
    private void graphFitPrivate() {
        DpComputationGraph untouched = TestNetworks.residualNetwork(plan);
        untouched.setParams(graph.params());
        fit(graph);
        fit(untouched);
        assertThat(graph.params()).isEqualTo(untouched.params());
    }

    @Test
    void setBackpropGradientsViewArray_ofALayer_leavesStepsPrivate() {
        fit(network);
        Layer first = network.getLayer(0);
        first.setBackpropGradientsViewArray(Nd4j.ones(DataType.FLOAT, 1, first.numParams()));
        fitPrivate(network);
        network.setBackpropGradientsViewArray(Nd4j.ones(DataType.FLOAT, 1, network.numParams()));
        fitPrivate(network);
        Layer inner = graph.getLayer("inner");
        inner.setBackpropGradientsViewArray(Nd4j.ones(DataType.FLOAT, 1, inner.numParams()));
        graphFitPrivate();
    }

    @Test
    void setInitDone_andInitAgain_leavesStepsPrivate() {
        fit(network);
        network.setInitDone(false);
        network.init();
        fitPrivate(network);
    }

    @Test
    void setLearningRate_anyRate_isUsedAndLeavesStepsPrivate() {
        fit(network);
        DpMultiLayerNetwork slow = network.clone();
        slow.setLearningRate(0);
        assertThat(slow.getLearningRate(0)).isZero();
        INDArray before = slow.params().dup();
        fit(slow);
        assertThat(slow.params()).isEqualTo(before);
        assertThat(network.steps()).isEqualTo(8);
        graph.setLearningRate("dense", 0.5);
        fit(graph);
        assertThat(graph.steps()).isEqualTo(4);
    }

    @Test
    void clone_spendsFromTheSameLedger() {
        fit(network);
        DpMultiLayerNetwork copy = network.clone();
        assertThat(copy.params()).isEqualTo(network.params()).isNotSameAs(network.params());
        assertThat(copy.getIterationCount()).isEqualTo(4);
        fit(copy);
        assertThat(network.steps()).isEqualTo(8);
        DpComputationGraph graphCopy = graph.clone();
        fit(graphCopy);
        assertThat(graph.steps()).isEqualTo(4);
        fit(graph);
        assertThat(graphCopy.steps()).isEqualTo(8);
        assertThat(graphCopy.clone().getConfiguration().getIterationCount()).isEqualTo(4);
    }

    @Test
    void newNetwork_ofTheSameConfiguration_spendsFromTheSameLedger() {
        fit(network);
        DpMultiLayerNetwork second =
                TestNetworks.initialised(new DpMultiLayerNetwork(network.getLayerWiseConfigurations()));
        assertThat(second.steps()).isEqualTo(4);
        assertThat(second.ledger()).isSameAs(network.ledger());
    }

    @Test
    void init_again_keepsLedgerAndPrivacy() {
        fit(network);
        INDArray before = network.params().dup();
        network.init();
        network.init(Nd4j.zeros(DataType.FLOAT, network.numParams()), true);
        assertThat(network.params()).isEqualTo(before);
        assertThat(network.steps()).isEqualTo(4);
        fitPrivate(network);
        graph.init();
        fit(graph);
        assertThat(graph.steps()).isEqualTo(4);
    }

    @Test
    void layers_replaced_areRefused() {
        Layer[] stock = TestNetworks.stockDense(new Sgd(1), DataType.FLOAT).getLayers();
        Layer original = network.getLayers()[0];
        network.getLayers()[0] = stock[0];
        fitRefused(network, network.ledger(), "layer '0': was replaced");
        network.getLayers()[0] = original;
        fitPrivate(network);
        network.setLayers(stock);
        fitRefused(network, network.ledger(), "was replaced");

        LayerVertex vertex = (LayerVertex) graph.getVertex("inner");
        Layer inner = vertex.getLayer();
        vertex.setLayer(TestNetworks.stockResidual(new Sgd(1), DataType.FLOAT).getLayer("inner"));
        fitRefused(graph, graph.ledger(), "layer 'inner': was replaced");
        vertex.setLayer(inner);
        vertex.setLayerAsFrozen();
        fitRefused(graph, graph.ledger(), "layer 'inner': was replaced");
        vertex.setLayer(inner);
        // Parts without parameters too: a layer, and a vertex.
        DpComputationGraph other = TestNetworks.residualNetwork(plan);
        LayerVertex pool = (LayerVertex) graph.getVertex("pool");
        Layer own = pool.getLayer();
        pool.setLayer(other.getLayer("pool"));
        fitRefused(graph, graph.ledger(), "layer 'pool': was replaced");
        pool.setLayer(own);
        int sum = graph.getVertex("sum").getVertexIndex();
        graph.getVertices()[sum] = other.getVertices()[sum];
        fitRefused(graph, graph.ledger(), "vertex 'sum': was replaced");
    }

    @Test
    void configuration_changedAfterwards_isRefused() {
        BaseLayer layer = (BaseLayer) network.getLayer(0).conf().getLayer();
        layer.setIDropout(new Dropout(0.5));
        INDArray before = network.params().dup();
        assertThatExceptionOfType(UnsupportedUnderDpException.class)
                .isThrownBy(() -> fit(network))
                .withMessageContaining("dropout");
        layer.setIDropout(null);
        var updater = layer.getIUpdater();
        layer.setIUpdater(new Adam(1e-3));
        assertThatExceptionOfType(UnsupportedUnderDpException.class)
                .isThrownBy(() -> fit(network))
                .withMessageContaining("updater: not private: 'layer0' W: Adam");
        layer.setIUpdater(new DpAdam(1e-3, plan));
        refused("updater: was replaced in the configuration", () -> fit(network));
        layer.setIUpdater(updater);
        assertThat(network.params()).isEqualTo(before);
        assertThat(network.steps()).isZero();
        network.conf().setMiniBatch(false);
        fitPrivate(network);
    }

    @Test
    void gradientViews_renewed_areRefusedUntilTheUpdaterIs() {
        fit(network);
        network.initGradientsView();
        fitRefused(network, network.ledger(), "another gradient buffer");
        network.setUpdater(null);
        fitPrivate(network);
        graph.initGradientsView();
        fit(graph);
        graph.initGradientsView();
        fitRefused(graph, graph.ledger(), "another gradient buffer");
    }

    @Test
    void masks_setOnTheNetwork_areNotUsed() {
        network.setMask(Nd4j.zeros(10, 1));
        network.setLayerMaskArrays(null, Nd4j.zeros(10, 1));
        fitPrivate(network);
    }

    @Test
    void gradientsAccumulator_any_isRefused() {
        var accumulator = new BasicGradientsAccumulator(1, new LocalHandler());
        refused("gradientsAccumulator", () -> network.setGradientsAccumulator(accumulator));
        refused("gradientsAccumulator", () -> graph.setGradientsAccumulator(accumulator));
        network.getOptimizer().setGradientsAccumulator(accumulator);
        fitRefused(network, network.ledger(), "gradientsAccumulator");
        network.getOptimizer().setGradientsAccumulator(null);
        fitPrivate(network);
    }

    @Test
    void failure_withinAStep_leavesNoGradientBehind() {
        ExampleSource broken = new ExampleSource() {
            private int reads;

            @Override
            public int size() {
                return EXAMPLES;
            }

            @Override
            public long[][] featureShapes() {
                return new long[][] {{TestNetworks.FEATURES}};
            }

            @Override
            public long[][] labelShapes() {
                return new long[][] {{TestNetworks.CLASSES}};
            }

            @Override
            public DataType dataType() {
                return DataType.FLOAT;
            }

            @Override
            public void read(int[] indices, INDArray[] features, INDArray[] labels) {
                if (++reads == 2) {
                    throw new IllegalStateException("the disk is gone");
                }
                features[0].assign(1);
                labels[0].assign(0.3);
            }
        };
        DpPlan pieces = TestNetworks.plan(EXAMPLES, 20).physicalBatch(5).build();
        DpMultiLayerNetwork target = TestNetworks.denseNetwork(pieces);
        target.fit(PoissonSampler.of(FLAT, pieces));
        assertThat(target.getFlattenedGradients().amaxNumber().doubleValue()).isPositive();
        INDArray before = target.params().dup();
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> target.fit(PoissonSampler.of(broken, pieces)))
                .withMessageContaining("the disk is gone");
        assertThat(target.getFlattenedGradients().amaxNumber().doubleValue()).isZero();
        assertThat(target.params()).isEqualTo(before);
        assertThat(target.steps()).isEqualTo(2);
        target.fit(PoissonSampler.of(FLAT, pieces));
        assertThat(target.steps()).isEqualTo(4);
    }
}
