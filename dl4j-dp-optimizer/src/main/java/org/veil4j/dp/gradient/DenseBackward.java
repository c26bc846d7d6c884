package org.veil4j.dp.gradient;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The input gradient of dense and output layers, computed as DL4J does. */
final class DenseBackward {
    private DenseBackward() {}

    /** {@code delta W^T} of shape [examples, in]. */
    static INDArray inputGradient(INDArray weights, INDArray delta, LayerWorkspaceMgr workspaces) {
        INDArray transposed = workspaces.createUninitialized(
                ArrayType.ACTIVATION_GRAD, delta.dataType(), new long[] {weights.size(0), delta.size(0)}, 'f');
        return weights.mmuli(delta.transpose(), transposed).transpose();
    }
}
