package org.veil4j.dp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.junit.jupiter.api.Test;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;

/** A layer computes with its own configuration: it cannot be made another one than the network's, which is checked. */
class LayerConfigurationGuardTest extends GuardedNetworks {
    /** Subtracts the batch's mean: each output depends on all examples, so that no gradient is one example's alone. */
    private static final class BatchCentring extends BaseActivationFunction {
        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            return in.subi(in.mean(true, 0));
        }

        @Override
        public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
            return new Pair<>(epsilon.subi(epsilon.mean(true, 0)), null);
        }
    }

    private static NeuralNetConfiguration centring(Layer layer) {
        NeuralNetConfiguration configuration = layer.conf().clone();
        ((BaseLayer) configuration.getLayer()).setActivationFn(new BatchCentring());
        return configuration;
    }

    private static void refused(Model model, PrivacyLedger ledger, String message, Runnable fit) {
        INDArray before = model.params().dup();
        assertThatExceptionOfType(PrivacyGuardException.class)
                .isThrownBy(fit::run)
                .withMessageContaining(message);
        assertThat(model.params()).isEqualTo(before);
        assertThat(ledger.steps()).isZero();
    }

    @Test
    void setConf_layerOfASequentialNetwork_isRefusedUntilPutBack() {
        Runnable fit = () -> network.fit(PoissonSampler.of(FLAT, plan));
        Layer layer = network.getLayer(0);
        NeuralNetConfiguration original = layer.conf();
        layer.setConf(centring(layer));
        refused(network, network.ledger(), "configuration of layer '0': was replaced", fit);
        layer.setConf(original);
        fit.run();
        assertThat(network.steps()).isEqualTo(4);
    }

    @Test
    void setConf_layerOfAGraph_isRefused() {
        Layer layer = graph.getLayer("inner");
        layer.setConf(centring(layer));
        refused(
                graph,
                graph.ledger(),
                "configuration of layer 'inner': was replaced",
                () -> graph.fit(PoissonSampler.of(IMAGES, plan)));
    }

    /** The other way round: the layer keeps its configuration, and checks are given a harmless one to look at. */
    @Test
    void networksConfiguration_replacedForOneLayer_isRefused() {
        NeuralNetConfiguration harmless = network.getLayer(0).conf().clone();
        ((BaseLayer) network.getLayer(0).conf().getLayer()).setActivationFn(new BatchCentring());
        network.getLayerWiseConfigurations().getConfs().set(0, harmless);
        refused(
                network,
                network.ledger(),
                "configuration of layer '0': was replaced",
                () -> network.fit(PoissonSampler.of(FLAT, plan)));
        NeuralNetConfiguration inner = graph.getLayer("inner").conf();
        NeuralNetConfiguration harmlessInner = inner.clone();
        ((BaseLayer) inner.getLayer()).setActivationFn(new BatchCentring());
        var vertex = graph.getConfiguration().getVertices().get("inner");
        assertThat(vertex).isInstanceOf(LayerVertex.class);
        ((LayerVertex) Objects.requireNonNull(vertex)).setLayerConf(harmlessInner);
        refused(
                graph,
                graph.ledger(),
                "configuration of layer 'inner': was replaced",
                () -> graph.fit(PoissonSampler.of(IMAGES, plan)));
    }

    @Test
    void setConf_withinAFrozenLayer_isRefused() {
        DpMultiLayerNetwork frozen = TestNetworks.initialised(new DpMultiLayerNetwork(frozen(false)));
        Runnable fit = () -> frozen.fit(PoissonSampler.of(FLAT, plan));
        var wrapper = (org.deeplearning4j.nn.layers.FrozenLayer) frozen.getLayer(0);
        Layer inner = wrapper.getUnderlying();
        NeuralNetConfiguration original = inner.conf();
        inner.setConf(centring(inner));
        refused(frozen, frozen.ledger(), "configuration of layer '0': was replaced", fit);
        inner.setConf(original);
        wrapper.setUnderlying(
                TestNetworks.stockDense(new Sgd(1), DataType.FLOAT).getLayer(0));
        refused(frozen, frozen.ledger(), "layer '0': was replaced", fit);
        wrapper.setUnderlying(inner);
        fit.run();
        assertThat(frozen.steps()).isEqualTo(4);
    }

    /** A frozen layer is in test mode, and mixes examples there too if its activation does. */
    @Test
    void frozenLayer_activationThatMixesExamples_isRefused() {
        assertThatExceptionOfType(UnsupportedUnderDpException.class)
                .isThrownBy(() -> new DpMultiLayerNetwork(frozen(true)))
                .withMessageContaining(BatchCentring.class.getName());
        List<DpCompatibility.Problem> problems = DpCompatibility.problems(frozen(false));
        assertThat(problems).isEmpty();
    }

    private MultiLayerConfiguration frozen(boolean mixing) {
        DenseLayer.Builder dense =
                new DenseLayer.Builder().nIn(TestNetworks.FEATURES).nOut(6);
        if (mixing) {
            dense.activation(new BatchCentring());
        }
        return TestNetworks.base(new DpSgd(1, 0, plan), DataType.FLOAT)
                .list()
                .layer(new FrozenLayer(dense.build()))
                .layer(TestNetworks.output().nIn(6).build())
                .build();
    }
}
