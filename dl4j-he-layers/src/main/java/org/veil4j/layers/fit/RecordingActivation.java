package org.veil4j.layers.fit;

import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Shows an activation's inputs to a recorder, then applies the activation. */
final class RecordingActivation extends BaseActivationFunction {
    private static final long serialVersionUID = 1L;

    private final transient RangeRecorder recorder;
    private final IActivation activation;

    RecordingActivation(RangeRecorder recorder, IActivation activation) {
        this.recorder = recorder;
        this.activation = activation;
    }

    @Override
    public INDArray getActivation(INDArray in, boolean training) {
        recorder.record(in);
        return activation.getActivation(in, training);
    }

    @Override
    public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
        return activation.backprop(in, epsilon);
    }
}
