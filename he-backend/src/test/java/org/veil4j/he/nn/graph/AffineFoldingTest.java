package org.veil4j.he.nn.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.veil4j.he.circuit.SparseMatrix;
import org.veil4j.he.nn.graph.NetworkGraph.Addition;
import org.veil4j.he.nn.graph.NetworkGraph.ChannelAffine;
import org.veil4j.he.nn.graph.NetworkGraph.Polynomial;

/** What every layout's planner builds on: affine functions multiplied out, forms of activations, readers of nodes. */
class AffineFoldingTest {
    private static final TensorShape PAIR = TensorShape.vector(2);

    private static ChannelAffine layer(String name, String input, double scale, double shift) {
        return new ChannelAffine(name, input, PAIR, new double[] {scale, 2 * scale}, new double[] {shift, 0});
    }

    private static Polynomial polynomial(double... coefficients) {
        return new Polynomial("a", "in", PAIR, new double[][] {coefficients});
    }

    @Test
    void then_twoLayers_isTheirProduct() {
        Affine x = Affine.identity(-1, 2)
                .then(AffineMap.of(layer("f", "in", 3, 1), PAIR), "f")
                .then(AffineMap.of(layer("g", "f", -2, 5), PAIR), "g");
        assertThat(x.sources()).containsExactly(-1);
        assertThat(x.label()).isEqualTo("f+g");
        assertThat(x.bias()).containsExactly(3, 0);
        assertThat(x.matrix().multiply(new double[] {1, 1})).containsExactly(-6, -24);
    }

    @Test
    void sum_sharedSource_isReadOnce() {
        Affine a = Affine.of(4, new double[] {1, 2}, new double[] {1, 1});
        Affine b = Affine.of(7, new double[] {10, 10}, new double[] {0, 2});
        Affine sum = Affine.sum(List.of(a, b, a), "add");
        assertThat(sum.sources()).containsExactly(4, 7);
        assertThat(sum.label()).isEqualTo("add");
        assertThat(sum.bias()).containsExactly(2, 4);
        assertThat(sum.matrix().multiply(new double[] {1, 1, 1, 1})).containsExactly(12, 14);
        assertThat(sum.matrix().columns()).isEqualTo(4);
    }

    @Test
    void activation_lineWithZeroPowers_isAffine() {
        ActivationForm form = ActivationForm.of(polynomial(0.5, -3, 0, 0));
        assertThat(form).isInstanceOfSatisfying(ActivationForm.Line.class, line -> {
            assertThat(line.map().bias()).containsExactly(0.5, 0.5);
            SparseMatrix m = line.map().matrix();
            assertThat(m.multiply(new double[] {1, 2})).containsExactly(-3, -6);
        });
    }

    @Test
    void activation_quadratic_isASquareUnlessItsShiftIsLarge() {
        assertThat(ActivationForm.of(polynomial(1, 3, 0.5)))
                .isInstanceOfSatisfying(ActivationForm.Square.class, square -> {
                    for (double x : new double[] {-2, 0, 1.5}) {
                        double inner = x + square.inner()[1];
                        assertThat(square.factor()[1] * inner * inner + square.outer()[1])
                                .isCloseTo(1 + 3 * x + 0.5 * x * x, within(1e-12));
                    }
                });
        assertThat(ActivationForm.of(polynomial(0, 100, 1))).isInstanceOf(ActivationForm.General.class);
    }

    @Test
    void activation_higherDegree_keepsItsCoefficients() {
        assertThat(ActivationForm.of(polynomial(1, 2, 0, 4, 0)))
                .isInstanceOfSatisfying(
                        ActivationForm.General.class,
                        general -> assertThat(general.coefficients())
                                .isDeepEqualTo(new double[][] {{1, 2, 0, 4}, {1, 2, 0, 4}}));
        double[] many = new double[33];
        many[32] = 1;
        assertThatThrownBy(() -> ActivationForm.of(polynomial(many)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("layer a: degree=32");
    }

    @Test
    void soleReader_ofNodesThatTheResultNeeds_isFound() {
        NetworkGraph graph = NetworkGraph.builder("in", PAIR)
                .add(layer("f", "in", 1, 0))
                .add(layer("unused", "f", 1, 0))
                .add(layer("g", "f", 1, 0))
                .add(new Addition("twice", List.of("g", "g"), PAIR))
                .build("twice");
        GraphUse use = new GraphUse(graph);
        assertThat(use.isNeeded(graph.node("unused"))).isFalse();
        assertThat(use.isNeeded(graph.node("in"))).isTrue();
        assertThat(use.soleReader(graph.node("f"))).isSameAs(graph.node("g"));
        assertThat(use.soleReader(graph.node("g"))).as("read twice").isNull();
        assertThat(use.soleReader(graph.node("twice"))).as("the result").isNull();
    }
}
