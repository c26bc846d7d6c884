package org.veil4j.dp.train;

import java.util.Collection;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.optimize.api.ConvexOptimizer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the engine needs of a network, whichever of DL4J's two kinds it is. */
interface PrivateModel {
    /** The network itself, for listeners. */
    Model network();

    /** Layers with parameters, in the order of the flattened parameters. The array is fresh, the layers are the live ones. */
    Layer[] layers();

    /** Prefix of a layer's parameters in DL4J's gradient map: index or vertex name. */
    String prefix(int layer);

    /** Whether a layer of {@link #layers} sees nothing but the network's input, so that nobody reads its input gradient. */
    boolean readsNetworkInput(int layer);

    /** Everything that takes part in a pass (layers, vertices, their configurations), parameters or not. */
    List<NetworkPart> parts();

    /** Puts another implementation in a layer's place. */
    void replace(int layer, Layer implementation);

    /** Forgets gradient views, so that they are made for the layers now in place. */
    void renewGradients();

    /** The flattened gradients, created when they are missing. */
    INDArray flattenedGradients();

    /** Number of all parameters, frozen ones included. */
    long parameters();

    /** Scans the present configuration. */
    List<DpCompatibility.Problem> scan(ConfigurationScan scan);

    /** One forward and one backward pass in training mode, no listener involved; returns the examples' mean score. */
    double propagate(LogicalBatch.Examples examples);

    /** Sets the score that listeners see. */
    void score(double score);

    /** Makes this the network's gradient. */
    void show(Gradient gradient);

    /** The network's gradient, as it stands. */
    @Nullable
    Gradient shown();

    /** The optimizer that a step would use. */
    ConvexOptimizer optimizer();

    /** The blocks of the updater that a step would use. */
    List<UpdaterBlock> updaterBlocks();

    /** DL4J's optimizer step: asks for the gradient, updates parameters, calls listeners, counts the iteration. */
    void optimize();

    /** The network's listeners. */
    Collection<TrainingListener> listeners();

    /** DL4J's count of iterations. */
    int iterations();

    /** Counts an epoch. */
    void countEpoch();

    /** Clears what layers keep of a batch. */
    void clearBatch();
}
