package org.veil4j.dp.gradient;

/**
 * A promise: what this object computes for one example of a batch, forwards and backwards, in training, depends on that
 * example alone and not on chance. Put it on a layer configuration without parameters, a graph vertex configuration without
 * parameters, a pre-processor, an activation function or a loss function of your own to use it in private training; those of
 * DL4J that keep the promise are known. Layers with parameters need no promise but {@link PerExampleGradient}, on the class
 * that their configuration instantiates.
 *
 * <p>A wrong promise voids the privacy guarantee without any sign of it: statistics over the batch, dropout, shared random
 * numbers and state from earlier batches all break it.
 */
public interface ExampleWise {}
