package org.veil4j.dp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.veil4j.dp.accounting.Sampling;
import org.veil4j.dp.mechanism.Clipping;
import org.veil4j.dp.mechanism.DpPlan;

class PrivateFitTest {
    private static final int EXAMPLES = 40;

    private static DpPlan shuffled() {
        return TestNetworks.plan(EXAMPLES, 10).sampling(Sampling.SHUFFLED).build();
    }

    private static DataSetIterator batches(int examples, int batch) {
        return new ListDataSetIterator<>(TestNetworks.flat(examples, 1).asList(), batch);
    }

    @Test
    void fit_poissonEpochs_spendsThePlanAndThenRefuses() {
        DpMultiLayerNetwork network =
                TestNetworks.denseNetwork(TestNetworks.plan(EXAMPLES, 9).build());
        PoissonSampler sampler = PoissonSampler.of(TestNetworks.flat(EXAMPLES, 1), network.plan());
        network.fit(sampler);
        assertThat(network.steps()).isEqualTo(5);
        assertThat(network.getIterationCount()).isEqualTo(5);
        assertThat(network.getEpochCount()).isEqualTo(1);
        assertThat(network.guarantee().steps()).isEqualTo(5);
        network.fit(sampler, 3);
        assertThat(network.steps()).isEqualTo(20);
        INDArray before = network.params().dup();
        assertThatExceptionOfType(PrivacyGuardException.class)
                .isThrownBy(() -> network.fit(sampler))
                .withMessageContaining("steps=20 of 20 planned");
        assertThat(network.params()).isEqualTo(before);
        assertThat(network.steps()).isEqualTo(20);
    }

    @Test
    void fit_moreEpochsThanPlanned_isRefusedBeforeAnyStep() {
        DpMultiLayerNetwork network =
                TestNetworks.denseNetwork(TestNetworks.plan(EXAMPLES, 9).build());
        INDArray before = network.params().dup();
        PoissonSampler sampler = PoissonSampler.of(TestNetworks.flat(EXAMPLES, 1), network.plan());
        assertThatExceptionOfType(PrivacyGuardException.class)
                .isThrownBy(() -> network.fit(sampler, 5))
                .withMessageContaining("steps=0 of 20 planned");
        assertThat(network.steps()).isZero();
        assertThat(network.params()).isEqualTo(before);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.fit(sampler, 0))
                .withMessageContaining("epochs=0");
    }

    @Test
    void fit_planOfSteps_endsWithAShorterEpoch() {
        DpPlan plan = DpPlan.builder()
                .examples(EXAMPLES)
                .expectedBatch(10)
                .steps(6)
                .clipNorm(1)
                .delta(1e-3)
                .noiseMultiplier(1)
                .build();
        DpMultiLayerNetwork network = TestNetworks.denseNetwork(plan);
        network.fit(PoissonSampler.of(TestNetworks.flat(EXAMPLES, 1), plan), 2);
        assertThat(network.steps()).isEqualTo(6);
        assertThat(network.guarantee().isPrivate()).isTrue();
        assertThat(network.guarantee().epsilon()).isEqualTo(plan.guarantee().epsilon());
    }

    /** With an expected batch of one example, one batch in three is empty: noise is still added, and counted. */
    @Test
    void fit_emptyBatches_addNoiseAndCountWithoutReadingExamples() {
        long seed = 0;
        DpPlan plan;
        PoissonSampler sampler;
        do {
            plan = rare(++seed);
            sampler = PoissonSampler.of(new Untouched(plan.examples()), plan);
        } while (sampler.draw(0).size() + sampler.draw(1).size() > 0);
        DpMultiLayerNetwork network = TestNetworks.denseNetwork(plan);
        INDArray before = network.params().dup();
        network.fit(sampler);
        assertThat(network.steps()).isEqualTo(2);
        assertThat(network.lastStep().examples()).isZero();
        double variance = before.sub(network.params()).norm2Number().doubleValue();
        variance = variance * variance / network.numParams();
        // Two steps of variance (sigma C / 1)^2 = 4; 75 parameters.
        assertThat(variance).as("seed %d", seed).isCloseTo(8, within(8 * 5 * Math.sqrt(2.0 / network.numParams())));
    }

    private static DpPlan rare(long seed) {
        return DpPlan.builder()
                .examples(10_000)
                .expectedBatch(1)
                .steps(2)
                .clipNorm(1)
                .delta(1e-5)
                .noiseMultiplier(2)
                .seededForTesting(seed)
                .build();
    }

    private record Untouched(int size) implements ExampleSource {
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
            throw new AssertionError("examples were read");
        }
    }

    @Test
    void fit_physicalBatch_doesNotChangeTheStep() {
        INDArray[] parameters = new INDArray[3];
        int[] sizes = {EXAMPLES, 7, 1};
        for (int i = 0; i < 3; i++) {
            DpPlan plan =
                    TestNetworks.plan(EXAMPLES, 20).physicalBatch(sizes[i]).build();
            DpComputationGraph network = TestNetworks.residualNetwork(plan);
            network.fit(
                    PoissonSampler.of(TestNetworks.cast(TestNetworks.images(EXAMPLES, 1), DataType.FLOAT), plan), 2);
            parameters[i] = network.params().dup();
        }
        assertThat(parameters[1].distance2(parameters[0]))
                .isLessThan(1e-5 * parameters[0].norm2Number().doubleValue());
        assertThat(parameters[2].distance2(parameters[0]))
                .isLessThan(1e-5 * parameters[0].norm2Number().doubleValue());
    }

    @ParameterizedTest
    @EnumSource
    void fit_nonFiniteExample_contributesNothingAndIsCounted(Clipping clipping) {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            DataSet clean = TestNetworks.flat(EXAMPLES, 1);
            DataSet dirty = TestNetworks.flat(EXAMPLES, 1);
            dirty.getFeatures().putScalar(3, 2, bad);
            DpMultiLayerNetwork reference = without(3, clean, clipping);
            DpPlan plan = TestNetworks.plan(EXAMPLES, EXAMPLES)
                    .clipping(clipping)
                    .noiseMultiplier(0)
                    .build();
            DpMultiLayerNetwork network = TestNetworks.denseNetwork(plan);
            INDArray before = network.params().dup();
            network.fit(PoissonSampler.of(dirty, plan));
            assertThat(network.lastStep().nonFinite()).isEqualTo(1);
            assertThat(network.lastStep().examples()).isEqualTo(EXAMPLES);
            INDArray update = before.sub(network.params()).muli(EXAMPLES);
            INDArray expected = before.sub(reference.params()).muli(EXAMPLES - 1);
            assertThat(update.distance2(expected))
                    .isLessThan(1e-4 * expected.norm2Number().doubleValue());
        }
    }

    private static DpMultiLayerNetwork without(int index, DataSet data, Clipping clipping) {
        INDArray features = Nd4j.concat(0, rows(data.getFeatures(), index));
        INDArray labels = Nd4j.concat(0, rows(data.getLabels(), index));
        DpPlan plan = TestNetworks.plan(EXAMPLES - 1, EXAMPLES - 1)
                .clipping(clipping)
                .noiseMultiplier(0)
                .build();
        DpMultiLayerNetwork network = TestNetworks.denseNetwork(plan);
        network.fit(PoissonSampler.of(features, labels, plan));
        return network;
    }

    private static INDArray[] rows(INDArray array, int without) {
        INDArray[] parts = new INDArray[EXAMPLES - 1];
        for (int i = 0, j = 0; i < EXAMPLES; i++) {
            if (i != without) {
                parts[j++] = array.getRow(i, true);
            }
        }
        return parts;
    }

    @Test
    void fit_samplerOfAnotherPlan_isRefused() {
        DpMultiLayerNetwork network =
                TestNetworks.denseNetwork(TestNetworks.plan(EXAMPLES, 9).build());
        DpPlan other = TestNetworks.plan(EXAMPLES, 10).build();
        assertThatExceptionOfType(PrivacyGuardException.class)
                .isThrownBy(() -> network.fit(PoissonSampler.of(TestNetworks.flat(EXAMPLES, 1), other)))
                .withMessageContaining("sampler: follows another plan");
    }

    @Test
    void fit_ordinaryDataUnderPoissonPlan_isRefusedInEveryForm() {
        DpPlan plan = TestNetworks.plan(EXAMPLES, 9).build();
        DpMultiLayerNetwork network = TestNetworks.denseNetwork(plan);
        DpComputationGraph graph = TestNetworks.residualNetwork(plan);
        DataSet flat = TestNetworks.flat(8, 1);
        DataSet images = TestNetworks.images(8, 1);
        DataSetIterator iterator = batches(EXAMPLES, 8);
        List<Runnable> ways = List.of(
                () -> network.fit(flat),
                () -> network.fit(flat.toMultiDataSet()),
                () -> network.fit(flat.getFeatures(), flat.getLabels()),
                () -> network.fit(flat.getFeatures(), new int[8]),
                () -> network.fit(iterator),
                () -> network.fit(iterator, 2),
                () -> network.fit(new PairedIterator(iterator)),
                () -> network.fit(new PairedIterator(iterator), 2),
                () -> graph.fit(images),
                () -> graph.fit(images.toMultiDataSet()),
                () -> graph.fit(new INDArray[] {images.getFeatures()}, new INDArray[] {images.getLabels()}),
                () -> graph.fit(iterator),
                () -> graph.fit(iterator, 2),
                () -> graph.fit(new PairedIterator(iterator)),
                () -> graph.fit(new PairedIterator(iterator), 2));
        for (Runnable way : ways) {
            assertThatExceptionOfType(PrivacyGuardException.class)
                    .isThrownBy(way::run)
                    .withMessageContaining("does not sample as the plan says")
                    .withMessageContaining("PoissonSampler.of(data, plan)");
        }
        assertThat(network.steps() + graph.steps()).isZero();
    }

    @Test
    void fit_shuffledPass_isAccountedAsAnEpoch() {
        DpMultiLayerNetwork network = TestNetworks.denseNetwork(shuffled());
        network.fit(batches(EXAMPLES, 10));
        assertThat(network.steps()).isEqualTo(4);
        assertThat(network.getIterationCount()).isEqualTo(4);
        // A short pass may hold the same examples as the one before.
        network.fit(batches(20, 10));
        assertThat(network.steps()).isEqualTo(8);
        assertThat(network.getIterationCount()).isEqualTo(6);
        network.fit(TestNetworks.flat(10, 1));
        assertThat(network.steps()).isEqualTo(12);
        network.fit(new PairedIterator(batches(EXAMPLES, 10)));
        assertThat(network.steps()).isEqualTo(16);
        assertThatExceptionOfType(PrivacyGuardException.class)
                .isThrownBy(() -> network.fit(batches(EXAMPLES, 10)))
                .withMessageContaining("steps=16 of 16 planned");
        assertThat(network.guarantee().sampling()).isEqualTo(Sampling.SHUFFLED);
    }

    @Test
    void fit_shuffledPassWithTooMuch_isRefused() {
        assertThatExceptionOfType(PrivacyGuardException.class)
                .isThrownBy(() -> TestNetworks.denseNetwork(shuffled()).fit(batches(44, 11)))
                .withMessageContaining("examples=11: a batch of the plan has at most 10");
        assertThatExceptionOfType(PrivacyGuardException.class)
                .isThrownBy(() -> TestNetworks.denseNetwork(shuffled()).fit(batches(EXAMPLES, 5)))
                .withMessageContaining("batches=5: an epoch of the plan has 4");
        DpPlan odd = TestNetworks.plan(35, 10).sampling(Sampling.SHUFFLED).build();
        assertThatExceptionOfType(PrivacyGuardException.class)
                .isThrownBy(() -> TestNetworks.denseNetwork(odd).fit(batches(40, 10)))
                .withMessageContaining("examples=40: an epoch of the plan has 35");
        assertThatExceptionOfType(PrivacyGuardException.class)
                .isThrownBy(() -> TestNetworks.denseNetwork(shuffled()).fit(batches(EXAMPLES, 10), 5))
                .withMessageContaining("0 of 16 planned");
    }

    @Test
    void fit_shuffledWithoutNoise_isTheClippedMeanOverTheExpectedBatch() {
        DpPlan plan = TestNetworks.plan(EXAMPLES, 20)
                .sampling(Sampling.SHUFFLED)
                .noiseMultiplier(0)
                .clipNorm(1e6)
                .build();
        DpMultiLayerNetwork network = TestNetworks.denseNetwork(plan);
        INDArray before = network.params().dup();
        DataSet ten = TestNetworks.flat(10, 1);
        network.fit(ten);
        MultiLayerNetwork stock = TestNetworks.stockDense(new Sgd(1), DataType.FLOAT);
        stock.setParams(before);
        stock.fit(ten);
        // The stock network divides by the ten drawn, the private one by the twenty expected.
        INDArray expected = before.sub(stock.params()).divi(2);
        assertThat(before.sub(network.params()).distance2(expected))
                .isLessThan(1e-5 * expected.norm2Number().doubleValue());
    }

    @Test
    void fit_masksAndSequences_areRefusedByName() {
        DpMultiLayerNetwork network = TestNetworks.denseNetwork(shuffled());
        DataSet labelMask = TestNetworks.flat(8, 1);
        labelMask.setLabelsMaskArray(Nd4j.ones(8, 1));
        DataSet featureMask = TestNetworks.flat(8, 1);
        featureMask.setFeaturesMaskArray(Nd4j.ones(8, 1));
        for (DataSet masked : List.of(labelMask, featureMask)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> network.fit(masked))
                    .withMessageContaining("masks:");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> network.fit(new ListDataSetIterator<>(List.of(masked), 8)))
                    .withMessageContaining("masks:");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> network.fit(Nd4j.ones(4, TestNetworks.FEATURES, 5), Nd4j.ones(4, TestNetworks.CLASSES)))
                .withMessageContaining("sequences");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.fit(Nd4j.ones(4, TestNetworks.FEATURES), Nd4j.ones(5, TestNetworks.CLASSES)))
                .withMessageContaining("examples=5: must be 4");
        assertThat(network.getIterationCount()).isZero();
    }

    @Test
    void fit_workspacesOffOrOn_areTheSame() {
        INDArray[] graphs = new INDArray[2];
        INDArray[] sequences = new INDArray[2];
        WorkspaceMode[] modes = {WorkspaceMode.ENABLED, WorkspaceMode.NONE};
        DataSet images = TestNetworks.cast(TestNetworks.images(EXAMPLES, 1), DataType.FLOAT);
        DataSet flat = TestNetworks.cast(TestNetworks.flat(EXAMPLES, 1), DataType.FLOAT);
        for (int i = 0; i < 2; i++) {
            DpPlan plan = TestNetworks.plan(EXAMPLES, 20).physicalBatch(9).build();
            DpComputationGraph graph = TestNetworks.residualNetwork(plan);
            graph.getConfiguration().setTrainingWorkspaceMode(modes[i]);
            graph.getConfiguration().setInferenceWorkspaceMode(modes[i]);
            graph.fit(PoissonSampler.of(images, plan), 2);
            graphs[i] = graph.params();
            DpMultiLayerNetwork sequence = TestNetworks.denseNetwork(plan);
            sequence.getLayerWiseConfigurations().setTrainingWorkspaceMode(modes[i]);
            sequence.getLayerWiseConfigurations().setInferenceWorkspaceMode(modes[i]);
            sequence.fit(PoissonSampler.of(flat, plan), 2);
            sequences[i] = sequence.params();
        }
        assertThat(graphs[1].distance2(graphs[0])).isLessThan(1e-5);
        assertThat(sequences[1].distance2(sequences[0])).isLessThan(1e-5);
    }
}
