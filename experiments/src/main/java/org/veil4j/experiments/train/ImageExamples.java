package org.veil4j.experiments.train;

import java.util.random.RandomGenerator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.AllocationPolicy;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.dp.train.ExampleSource;
import org.veil4j.experiments.data.Dataset;

/** A data set of images as a source of private training: normalised, and moved or mirrored at random, image by image. */
final class ImageExamples implements ExampleSource {
    private static final WorkspaceConfiguration COPIES = WorkspaceConfiguration.builder()
            .policyAllocation(AllocationPolicy.OVERALLOCATE)
            .overallocationLimit(0.25)
            .policyLearning(LearningPolicy.FIRST_LOOP)
            .policySpill(SpillPolicy.REALLOCATE)
            .build();

    private final Dataset data;
    private final Augmentation augmentation;
    private final RandomGenerator random;
    private final int elements;
    private float[] x = new float[0];
    private float[] y = new float[0];

    /**
     * Makes a source.
     *
     * @param random decides how images move. Under a private plan nobody may be able to know it: all images share its numbers, so
     *     that with a known stream one image more would change how the images after it move, and with that their gradients
     */
    ImageExamples(Dataset data, Augmentation augmentation, RandomGenerator random) {
        this.data = data;
        this.augmentation = augmentation;
        this.random = random;
        this.elements = data.shape().elements();
    }

    @Override
    public int size() {
        return data.size();
    }

    @Override
    public long[][] featureShapes() {
        return new long[][] {
            {data.shape().channels(), data.shape().height(), data.shape().width()}
        };
    }

    @Override
    public long[][] labelShapes() {
        return new long[][] {{data.classNames().size()}};
    }

    @Override
    public DataType dataType() {
        return DataType.FLOAT;
    }

    @Override
    @SuppressWarnings("try")
    public void read(int[] indices, INDArray[] features, INDArray[] labels) {
        int classes = data.classNames().size();
        if (x.length != indices.length * elements) {
            x = new float[indices.length * elements];
            y = new float[indices.length * classes];
        }
        for (int i = 0; i < indices.length; i++) {
            augmentation.apply(data.images()[indices[i]], x, i * elements, random);
            for (int k = 0; k < classes; k++) {
                y[i * classes + k] = k == data.labels()[indices[i]] ? 1 : 0;
            }
        }
        // In a workspace, as memory outside of one is given back by the garbage collector only, some steps later.
        try (MemoryWorkspace copies = Nd4j.getWorkspaceManager().getAndActivateWorkspace(COPIES, "IMAGE_EXAMPLES")) {
            features[0].assign(Nd4j.createFromArray(x).reshape(features[0].shape()));
            labels[0].assign(Nd4j.createFromArray(y).reshape(labels[0].shape()));
        }
    }
}
