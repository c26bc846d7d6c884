package org.veil4j.experiments.evaluate;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.InputShape;

/**
 * A trained network with what it needs to know about its images.
 *
 * @param name for reports: the preset, or the file's name
 * @param network the network (a MultiLayerNetwork converted, sharing nothing)
 * @param input shape of an image
 * @param normalisation of the pixels
 */
public record ImageNetwork(String name, ComputationGraph network, InputShape input, InputNormalisation normalisation) {}
