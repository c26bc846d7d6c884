package org.veil4j.dp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.dp.gradient.PerExampleGradient;

/** Listeners see what is private already, and can change nothing. */
class ListenerGuardTest extends GuardedNetworks {
    @Test
    void listeners_seeOnlyThePrivateGradient() {
        List<INDArray> seen = new ArrayList<>();
        Consumer<Model> look = model -> seen.add(model.gradient().gradient().dup());
        DpMultiLayerNetwork watched = TestNetworks.denseNetwork(plan);
        boolean[] forward = new boolean[1];
        watched.addListeners(new BaseTrainingListener() {
            @Override
            public void onForwardPass(Model model, List<INDArray> activations) {
                forward[0] = true;
            }

            @Override
            public void onForwardPass(Model model, Map<String, INDArray> activations) {
                forward[0] = true;
            }

            @Override
            public void onBackwardPass(Model model) {
                look.accept(model);
                for (Layer layer : ((MultiLayerNetwork) model).getLayers()) {
                    // What was captured is forgotten before any listener is called.
                    assertThatExceptionOfType(IllegalStateException.class)
                            .isThrownBy(() -> ((PerExampleGradient) layer).addSquaredNorms(new double[10]));
                }
            }

            @Override
            public void onGradientCalculation(Model model) {
                look.accept(model);
            }
        });
        INDArray before = watched.params().dup();
        fit(watched);
        assertThat(forward[0]).isFalse();
        assertThat(seen).hasSize(8);
        INDArray sum = Nd4j.zeros(DataType.FLOAT, watched.numParams());
        for (int step = 0; step < 4; step++) {
            assertThat(seen.get(2 * step)).isEqualTo(seen.get(2 * step + 1));
            sum.addi(seen.get(2 * step).reshape(watched.numParams()));
        }
        // The updater is plain descent with rate 1: parameters moved by exactly what listeners saw.
        assertThat(before.sub(watched.params()).distance2(sum)).isLessThan(1e-5);
        DpMultiLayerNetwork unwatched = TestNetworks.denseNetwork(plan);
        fit(unwatched);
        assertThat(watched.params()).isEqualTo(unwatched.params());
    }

    @Test
    void listener_changesTheGradient_isRefused() {
        for (Consumer<Model> change : List.<Consumer<Model>>of(
                m -> m.gradient().gradient().assign(0),
                m -> m.gradient().gradient().putScalar(3, 7),
                m -> ((MultiLayerNetwork) m).setGradient(new DefaultGradient(Nd4j.ones(1, m.numParams()))),
                m -> ((MultiLayerNetwork) m).initGradientsView(),
                m -> {
                    m.gradientAndScore();
                    m.gradient().gradient().putScalar(3, 7);
                })) {
            DpMultiLayerNetwork target = TestNetworks.denseNetwork(plan);
            target.setListeners(new BaseTrainingListener() {
                @Override
                public void onGradientCalculation(Model model) {
                    change.accept(model);
                }
            });
            INDArray before = target.params().dup();
            refused("gradient: was changed after noise", () -> fit(target));
            assertThat(target.params()).isEqualTo(before);
            // The noise was drawn, so the step counts.
            assertThat(target.steps()).isEqualTo(1);
        }
    }

    @Test
    void listener_trainsFromWithin_isRefused() {
        network.setListeners(new BaseTrainingListener() {
            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                refused("fit: was called from within a step", () -> fit(network));
                refused(
                        "computeGradientAndScore",
                        () -> model.computeGradientAndScore(LayerWorkspaceMgr.noWorkspaces()));
            }
        });
        fit(network);
        assertThat(network.steps()).isEqualTo(4);
    }

    @Test
    void listeners_setInEveryWay_doNotChangeTheTraining() {
        Collection<org.deeplearning4j.optimize.api.TrainingListener> none = List.of();
        network.setListeners(none);
        network.addListeners(new BaseTrainingListener() {});
        network.setListeners();
        fitPrivate(network);
    }
}
