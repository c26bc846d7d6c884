package org.veil4j.dp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.commons.math3.distribution.BinomialDistribution;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.dp.accounting.Sampling;
import org.veil4j.dp.mechanism.DpPlan;

class PoissonSamplerTest {
    /** A source whose examples are their own numbers, and which remembers what was read. */
    private static final class Numbers implements ExampleSource {
        private final int size;
        private int[] read = new int[0];
        private boolean writes = true;

        private Numbers(int size) {
            this.size = size;
        }

        /** The numbers in a batch that is read in one piece. */
        private int[] readBy(LogicalBatch batch) {
            read = new int[0];
            if (batch.size() > 0) {
                batch.piece(0, batch.size());
            }
            return read;
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public long[][] featureShapes() {
            return new long[][] {{2}, {1, 1, 3}};
        }

        @Override
        public long[][] labelShapes() {
            return new long[][] {{1}};
        }

        @Override
        public DataType dataType() {
            return DataType.FLOAT;
        }

        @Override
        public void read(int[] indices, INDArray[] features, INDArray[] labels) {
            read = indices;
            for (int i = 0; writes && i < indices.length; i++) {
                features[0].putScalar(i, 0, indices[i]);
                features[0].putScalar(i, 1, -indices[i]);
                features[1].putScalar(new int[] {i, 0, 0, 2}, indices[i]);
                labels[0].putScalar(i, 0, 2 * indices[i]);
            }
        }
    }

    private static int[] drawn(PoissonSampler sampler, long step) {
        LogicalBatch batch = sampler.draw(step);
        List<Integer> numbers = new ArrayList<>();
        int most = sampler.plan().physicalBatch();
        for (int from = 0; from < batch.size(); from += most) {
            LogicalBatch.Examples piece = batch.piece(from, Math.min(batch.size(), from + most));
            for (int i = 0; i < piece.count(); i++) {
                int number = piece.features()[0].getInt(i, 0);
                assertThat(piece.features()[0].getInt(i, 1)).isEqualTo(-number);
                assertThat(piece.features()[1].getInt(i, 0, 0, 2)).isEqualTo(number);
                assertThat(piece.labels()[0].getInt(i, 0)).isEqualTo(2 * number);
                numbers.add(number);
            }
        }
        return numbers.stream().mapToInt(Integer::intValue).toArray();
    }

    @Test
    void draw_manySteps_includesEachExampleAtTheSamplingRate() {
        int steps = 5_000;
        int n = 40;
        DpPlan plan = TestNetworks.plan(n, 4).physicalBatch(n).build();
        Numbers source = new Numbers(n);
        source.writes = false;
        PoissonSampler sampler = PoissonSampler.of(source, plan);
        int[] count = new int[n];
        int[][] pairs = new int[n][n];
        double sizes = 0;
        double squares = 0;
        for (int t = 0; t < steps; t++) {
            int[] batch = source.readBy(sampler.draw(t));
            for (int a : batch) {
                count[a]++;
                for (int b : batch) {
                    pairs[a][b]++;
                }
            }
            sizes += batch.length;
            squares += (double) batch.length * batch.length;
        }
        for (int i = 0; i < n; i++) {
            within(count[i], steps, 0.1, "example " + i);
            for (int j = 0; j < i; j++) {
                within(pairs[i][j], steps, 0.01, "pair " + i + ", " + j);
            }
        }
        double mean = sizes / steps;
        double variance = squares / steps - mean * mean;
        assertThat(variance).as("variance of a binomial, seed 11").isBetween(3.6 * 0.9, 3.6 * 1.1);
    }

    private static void within(int count, int steps, double rate, String what) {
        double spread = 5 * Math.sqrt(steps * rate * (1 - rate));
        assertThat((double) count).as("%s, seed 11", what).isBetween(steps * rate - spread, steps * rate + spread);
    }

    @Test
    void draw_batchSizes_areBinomial() {
        int steps = 2_000;
        int n = 30;
        PoissonSampler sampler =
                PoissonSampler.of(new Numbers(n), TestNetworks.plan(n, 2).build());
        int[] sizes = new int[n + 1];
        for (int t = 0; t < steps; t++) {
            sizes[sampler.draw(t).size()]++;
        }
        BinomialDistribution binomial = new BinomialDistribution(null, n, 2.0 / n);
        for (int size = 0; size < 8; size++) {
            within(sizes[size], steps, binomial.probability(size), "size " + size);
        }
    }

    @Test
    void draw_seededPlan_dependsOnStepOnly() {
        DpPlan plan = TestNetworks.plan(50, 10).build();
        PoissonSampler a = PoissonSampler.of(new Numbers(50), plan);
        PoissonSampler b = PoissonSampler.of(new Numbers(50), plan);
        int[] third = drawn(a, 3);
        drawn(a, 4);
        assertThat(drawn(b, 3)).containsExactly(third);
        assertThat(drawn(a, 3)).containsExactly(third);
        assertThat(drawn(b, 4)).isNotEqualTo(third);
    }

    @Test
    void draw_privatePlan_neverRepeatsABatch() {
        DpPlan plan = DpPlan.builder()
                .examples(200)
                .expectedBatch(100)
                .epochs(2)
                .clipNorm(1)
                .delta(1e-4)
                .noiseMultiplier(1)
                .build();
        PoissonSampler a = PoissonSampler.of(new Numbers(200), plan);
        PoissonSampler b = PoissonSampler.of(new Numbers(200), plan);
        // Equal batches have probability 2^-200.
        int[] first = drawn(a, 0);
        assertThat(drawn(a, 0)).isNotEqualTo(first);
        assertThat(drawn(b, 0)).isNotEqualTo(first);
    }

    @Test
    void draw_expectedBatchOfAll_givesAllEachTime() {
        PoissonSampler sampler = PoissonSampler.of(
                new Numbers(9), TestNetworks.plan(9, 9).physicalBatch(4).build());
        assertThat(drawn(sampler, 0)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
    }

    @Test
    void of_arrays_givesTheirRowsUnchanged() {
        DataSet data = TestNetworks.images(20, 3);
        PoissonSampler sampler = PoissonSampler.of(
                data, TestNetworks.plan(20, 10).physicalBatch(3).build());
        LogicalBatch batch = sampler.draw(1);
        assertThat(batch.size()).isGreaterThan(3);
        LogicalBatch.Examples piece = batch.piece(1, 4);
        for (int i = 0; i < 3; i++) {
            INDArray found = piece.features()[0].slice(i);
            boolean known = false;
            for (int j = 0; j < 20; j++) {
                known |= data.getFeatures().slice(j).equals(found)
                        && data.getLabels().getRow(j).equals(piece.labels()[0].getRow(i));
            }
            assertThat(known).as("row %d", i).isTrue();
        }
    }

    @Test
    void of_viewsAndColumnMajorArrays_givesTheirRows() {
        INDArray features = Nd4j.create(DataType.FLOAT, new long[] {6, 4}, 'f');
        for (int i = 0; i < 6; i++) {
            features.putScalar(i, 2, i);
        }
        INDArray labels = Nd4j.create(DataType.DOUBLE, 6, 2);
        LogicalBatch.Examples all = PoissonSampler.of(
                        features, labels, TestNetworks.plan(6, 6).build())
                .draw(0)
                .piece(0, 6);
        assertThat(all.features()[0]).isEqualTo(features);
        assertThat(all.labels()[0].dataType()).isEqualTo(DataType.FLOAT);
    }

    @Test
    void of_wrongSize_isRefused() {
        DpPlan plan = TestNetworks.plan(50, 10).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoissonSampler.of(new Numbers(49), plan))
                .withMessageContaining("size=49: must be the plan's examples=50");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoissonSampler.of(TestNetworks.flat(51, 1), plan))
                .withMessageContaining("size=51");
    }

    @Test
    void of_planForShuffledBatches_isRefused() {
        DpPlan plan = TestNetworks.plan(50, 10).sampling(Sampling.SHUFFLED).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoissonSampler.of(new Numbers(50), plan))
                .withMessageContaining("sampling=SHUFFLED");
    }

    @Test
    void of_badArrays_areRefused() {
        DpPlan plan = TestNetworks.plan(4, 2).build();
        DataSet masked = TestNetworks.flat(4, 1);
        masked.setLabelsMaskArray(Nd4j.ones(4, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoissonSampler.of(masked, plan))
                .withMessageContaining("masks");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoissonSampler.of(Nd4j.ones(4, 2), Nd4j.ones(5, 2), plan))
                .withMessageContaining("examples=4 and 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoissonSampler.of(Nd4j.ones(4), Nd4j.ones(4, 2), plan))
                .withMessageContaining("batch dimension");
    }

    @Test
    void of_sequences_areRefusedByName() {
        DpPlan plan = TestNetworks.plan(4, 2).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoissonSampler.of(Nd4j.ones(4, 8, 5), Nd4j.ones(4, 3, 5), plan))
                .withMessageContaining("features=[4, 8, 5]: sequences");
    }

    @Test
    void next_oneEpoch_givesWholeBatches() {
        PoissonSampler sampler = PoissonSampler.of(
                TestNetworks.flat(30, 1),
                TestNetworks.plan(30, 8).physicalBatch(2).build());
        int batches = 0;
        while (sampler.hasNext()) {
            DataSet batch = sampler.next();
            assertThat(batch.numExamples()).isEqualTo(sampler.draw(batches).size());
            batches++;
        }
        assertThat(batches).isEqualTo(4);
        assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(sampler::next);
        sampler.reset();
        assertThat(sampler.hasNext()).isTrue();
        assertThat(sampler.inputColumns()).isEqualTo(TestNetworks.FEATURES);
        assertThat(sampler.totalOutcomes()).isEqualTo(TestNetworks.CLASSES);
        assertThat(sampler.batch()).isEqualTo(8);
        assertThat(sampler.asyncSupported()).isFalse();
    }

    @Test
    void setPreProcessor_any_isRefused() {
        PoissonSampler sampler =
                PoissonSampler.of(new Numbers(9), TestNetworks.plan(9, 3).build());
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> sampler.setPreProcessor(data -> {}))
                .withMessageContaining("ExampleSource");
        assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> sampler.next(3));
    }

    @Test
    void serialise_sampler_isRefusedForItsKey() {
        PoissonSampler sampler =
                PoissonSampler.of(new Numbers(9), TestNetworks.plan(9, 3).build());
        assertThatExceptionOfType(NotSerializableException.class)
                .isThrownBy(() -> new ObjectOutputStream(new ByteArrayOutputStream()).writeObject(sampler))
                .withMessageContaining("secret");
    }
}
