package org.veil4j.dp.train;

import java.io.NotSerializableException;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.dp.accounting.Sampling;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.dp.mechanism.RandomStream;

/**
 * Draws the batches of a plan with Poisson sampling: each example takes part in each step with probability q = expected batch
 * over examples, independently. {@code fit(sampler)} trains one epoch, {@link DpPlan#stepsPerEpoch} steps (or as many as the
 * plan has left); the network draws the batches and reads them in pieces of the plan's physical batch.
 *
 * <p>Each decision compares 64 bits of AES-256 in counter mode with q: probabilities are exact up to 2^-63, never above q.
 * The key is secret, fresh with every sampler, and cannot be saved; no two steps see the same batch. Under a plan that is
 * seeded for testing, the batch of a step depends on seed and step only, so that a restored network sees what the original
 * would have seen. A step costs about 5 ns an example of the whole set.
 *
 * <p>As an iterator it gives an epoch's worth of batches, for inspection; these are not the ones that training sees (but
 * for a seeded plan). Not thread-safe.
 */
public final class PoissonSampler implements DataSetIterator {
    private final transient ExampleSource source;
    private final transient DpPlan plan;
    private final transient RandomStream random;
    private final transient INDArray[] features;
    private final transient INDArray[] labels;
    private transient int[] drawn = new int[0];
    private transient long draws;
    private transient int cursor;

    @SuppressWarnings("try")
    private PoissonSampler(ExampleSource source, DpPlan plan) {
        if (plan.sampling() != Sampling.POISSON) {
            throw new IllegalArgumentException("sampling=" + plan.sampling()
                    + ": must be POISSON for this sampler; give fit an ordinary iterator, or change the plan");
        }
        if (source.size() != plan.examples()) {
            throw new IllegalArgumentException("size=" + source.size() + ": must be the plan's examples="
                    + plan.examples() + ", on which the guarantee rests; make a plan for this data set");
        }
        for (long[] shape : source.featureShapes()) {
            if (shape.length == 2) {
                throw Refusals.sequences(Arrays.toString(withBatch(source.size(), shape)));
            }
        }
        this.source = source;
        this.plan = plan;
        this.random = plan.randomStream("sampling");
        try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            this.features = buffers(source.featureShapes());
            this.labels = buffers(source.labelShapes());
        }
    }

    /**
     * Over a data set in memory, which is not copied.
     *
     * @param examples features and labels, examples first; no masks
     * @throws IllegalArgumentException when the size is not the plan's, the plan is not for Poisson sampling, or examples are
     *     sequences
     */
    public static PoissonSampler of(DataSet examples, DpPlan plan) {
        if (examples.hasMaskArrays()) {
            throw new IllegalArgumentException(
                    "masks: have no exact per-example gradient in DL4J (they scale activations,"
                            + " not losses); leave masked examples out");
        }
        return of(examples.getFeatures(), examples.getLabels(), plan);
    }

    /**
     * Over a data set in memory, which is not copied.
     *
     * @param features examples first
     * @param labels as many
     * @throws IllegalArgumentException when the size is not the plan's, the plan is not for Poisson sampling, or examples are
     *     sequences
     */
    public static PoissonSampler of(INDArray features, INDArray labels, DpPlan plan) {
        return new PoissonSampler(new InMemoryExamples(features, labels), plan);
    }

    /**
     * Over any source.
     *
     * @throws IllegalArgumentException when the size is not the plan's, the plan is not for Poisson sampling, or examples are
     *     sequences
     */
    public static PoissonSampler of(ExampleSource source, DpPlan plan) {
        return new PoissonSampler(source, plan);
    }

    /** The plan that the batches follow. */
    public DpPlan plan() {
        return plan;
    }

    private INDArray[] buffers(long[][] shapes) {
        INDArray[] buffers = new INDArray[shapes.length];
        for (int i = 0; i < shapes.length; i++) {
            buffers[i] = Nd4j.create(source.dataType(), withBatch(plan.physicalBatch(), shapes[i]), 'c');
        }
        return buffers;
    }

    private static long[] withBatch(long count, long[] shape) {
        long[] whole = new long[shape.length + 1];
        whole[0] = count;
        System.arraycopy(shape, 0, whole, 1, shape.length);
        return whole;
    }

    /**
     * The batch of a step. It can be read until the next draw.
     *
     * @param step the step's index; decides the batch under a seeded plan
     */
    LogicalBatch draw(long step) {
        int count = choose(plan.isSeededForTesting() ? step : draws++);
        int[] chosen = drawn;
        return new LogicalBatch() {
            @Override
            public int size() {
                return count;
            }

            @Override
            public Examples piece(int from, int to) {
                int n = to - from;
                INDArray[] x = n == plan.physicalBatch() ? features : LogicalBatch.rows(features, 0, n);
                INDArray[] y = n == plan.physicalBatch() ? labels : LogicalBatch.rows(labels, 0, n);
                source.read(Arrays.copyOfRange(chosen, from, to), x, y);
                return new Examples(x, y);
            }
        };
    }

    /** Puts the examples of one draw into {@code drawn}, in ascending order, and returns their number. */
    private int choose(long stream) {
        int n = plan.examples();
        double q = plan.samplingRate();
        boolean all = plan.expectedBatch() == n;
        // floor(2^63 q) doubled: as an unsigned number, 2^64 q rounded down.
        long threshold = (long) (q * 0x1p63) << 1;
        random.seek(stream);
        int count = 0;
        for (int i = 0; i < n; i++) {
            if (Long.compareUnsigned(random.nextLong(), threshold) < 0 || all) {
                if (count == drawn.length) {
                    drawn = Arrays.copyOf(drawn, Math.min(n, Math.max(2 * count, 2 * plan.expectedBatch())));
                }
                drawn[count++] = i;
            }
        }
        return count;
    }

    @Override
    public boolean hasNext() {
        return cursor < plan.stepsPerEpoch();
    }

    /** A whole logical batch, in arrays of its own; without arrays when nothing was drawn. */
    @Override
    public DataSet next() {
        if (!hasNext()) {
            throw new NoSuchElementException(
                    "an epoch has " + plan.stepsPerEpoch() + " batches; reset() begins the next");
        }
        int count = choose(plan.isSeededForTesting() ? cursor : draws++);
        cursor++;
        if (count == 0) {
            return new DataSet();
        }
        INDArray[] x = new INDArray[features.length];
        INDArray[] y = new INDArray[labels.length];
        if (x.length != 1 || y.length != 1) {
            throw new UnsupportedOperationException("inputs=" + x.length + ", outputs=" + y.length
                    + ": a DataSet holds one of each; pass the sampler to DpComputationGraph.fit");
        }
        x[0] = Nd4j.create(source.dataType(), withBatch(count, source.featureShapes()[0]), 'c');
        y[0] = Nd4j.create(source.dataType(), withBatch(count, source.labelShapes()[0]), 'c');
        source.read(Arrays.copyOf(drawn, count), x, y);
        return new DataSet(x[0], y[0]);
    }

    /** Not supported: the plan decides the size of batches. */
    @Override
    public DataSet next(int num) {
        throw new UnsupportedOperationException("num=" + num + ": the plan decides the size of batches; use next()");
    }

    @Override
    public int inputColumns() {
        return (int) (features[0].length() / plan.physicalBatch());
    }

    @Override
    public int totalOutcomes() {
        return (int) (labels[0].length() / plan.physicalBatch());
    }

    @Override
    public boolean resetSupported() {
        return true;
    }

    /** False: reading ahead would only cost memory. */
    @Override
    public boolean asyncSupported() {
        return false;
    }

    @Override
    public void reset() {
        cursor = 0;
    }

    /** The expected size. */
    @Override
    public int batch() {
        return plan.expectedBatch();
    }

    /** Not supported: a pre-processor may mix examples. Null is ignored. */
    @Override
    public void setPreProcessor(@Nullable DataSetPreProcessor preProcessor) {
        if (preProcessor != null) {
            throw new UnsupportedOperationException(
                    "preProcessor: may mix the examples of a batch; process examples one by one in an ExampleSource");
        }
    }

    @Override
    public @Nullable DataSetPreProcessor getPreProcessor() {
        return null;
    }

    @Override
    public List<String> getLabels() {
        return List.of();
    }

    private Object writeReplace() throws NotSerializableException {
        throw new NotSerializableException(
                "PoissonSampler: its key is secret and must not be saved; make a new sampler");
    }
}
