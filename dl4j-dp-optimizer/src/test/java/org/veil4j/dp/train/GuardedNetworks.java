package org.veil4j.dp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.veil4j.dp.mechanism.DpPlan;

/** A sequential and a residual private network that share a plan, with data for either, for tests of what guards them. */
abstract class GuardedNetworks {
    static final int EXAMPLES = 40;
    static final DataSet FLAT = TestNetworks.cast(TestNetworks.flat(EXAMPLES, 1), DataType.FLOAT);
    static final DataSet IMAGES = TestNetworks.cast(TestNetworks.images(EXAMPLES, 1), DataType.FLOAT);

    final DpPlan plan = TestNetworks.plan(EXAMPLES, 10).build();
    final DpMultiLayerNetwork network = TestNetworks.denseNetwork(plan);
    final DpComputationGraph graph = TestNetworks.residualNetwork(plan);

    void fit(Model model) {
        if (model instanceof MultiLayerNetwork n) {
            n.fit(PoissonSampler.of(FLAT, plan));
        } else if (model instanceof ComputationGraph n) {
            n.fit(PoissonSampler.of(IMAGES, plan));
        }
    }

    static void refused(String message, Runnable way) {
        assertThatExceptionOfType(PrivacyGuardException.class)
                .isThrownBy(way::run)
                .withMessageContaining(message);
    }

    /** The next epoch must be, bit for bit, that of an untouched network with these parameters: noise included. */
    void fitPrivate(DpMultiLayerNetwork touched) {
        DpMultiLayerNetwork untouched = TestNetworks.denseNetwork(plan);
        for (long i = 0; i < touched.steps(); i++) {
            untouched.ledger().spend();
        }
        untouched.setParams(touched.params());
        fit(touched);
        fit(untouched);
        assertThat(touched.params()).isEqualTo(untouched.params());
    }
}
