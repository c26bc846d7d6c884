package org.veil4j.he.mlr.clear;

/** How weights are improved, by Nesterov's accelerated gradient (NAG). */
public enum MlrAlgorithm {
    /** Softmax and cross entropy; in the clear only. */
    SOFTMAX_NAG,
    /** One sigmoid a class and the squared likelihood error. */
    SIGMOID_NAG,
    /** The same with the gradient multiplied by the inverse of a fixed diagonal bound on the Hessian: the paper's. */
    SIGMOID_NAG_QUADRATIC
}
