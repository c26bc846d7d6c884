package org.veil4j.experiments.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.veil4j.layers.activation.SquareActivation;

/** Small untrained networks in files. */
final class TinyNetworks {
    private TinyNetworks() {}

    /** Pooling, convolution, square, dense on 1 x size x size; can be encrypted. */
    static MultiLayerNetwork encryptable(int size, int seed) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .list()
                .layer(new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG)
                        .kernelSize(size / 4, size / 4)
                        .stride(size / 4, size / 4)
                        .build())
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(2)
                        .activation(new SquareActivation())
                        .build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nOut(10)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(size, size, 1))
                .build());
        network.init();
        return network;
    }

    /** A graph with a residual addition on 1 x size x size; can be encrypted. */
    static ComputationGraph residual(int size, int seed) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(size, size, 1))
                .addLayer(
                        "pool",
                        new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG)
                                .kernelSize(size / 4, size / 4)
                                .stride(size / 4, size / 4)
                                .build(),
                        "in")
                .addLayer(
                        "square",
                        new ConvolutionLayer.Builder(3, 3)
                                .nOut(2)
                                .convolutionMode(ConvolutionMode.Same)
                                .activation(new SquareActivation())
                                .build(),
                        "pool")
                .addLayer(
                        "skip",
                        new ConvolutionLayer.Builder(1, 1)
                                .nOut(2)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "pool")
                .addVertex("add", new ElementWiseVertex(ElementWiseVertex.Op.Add), "square", "skip")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                                .nOut(10)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "add")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    /** Dense layers on rows of numbers; can be encrypted. */
    static MultiLayerNetwork dense(int inputs, int seed) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(inputs)
                        .nOut(4)
                        .activation(new SquareActivation())
                        .build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nOut(10)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(inputs))
                .build());
        network.init();
        return network;
    }

    /** Sigmoid and max pooling: three layers at fault. */
    static MultiLayerNetwork unsupported() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .name("relu-conv")
                        .nOut(2)
                        .activation(Activation.RELU)
                        .build())
                .layer(new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                        .name("max-pool")
                        .kernelSize(2, 2)
                        .build())
                .layer(new DenseLayer.Builder()
                        .name("sigmoid-dense")
                        .nOut(5)
                        .activation(Activation.SIGMOID)
                        .build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nOut(10)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(8, 8, 1))
                .build());
        network.init();
        return network;
    }

    static Path save(Model network, Path file) throws IOException {
        ModelSerializer.writeModel(network, file.toFile(), false);
        return file;
    }

    /** What an entry of a zip file holds. */
    static byte[] entry(Path zip, String name) throws IOException {
        try (ZipFile file = new ZipFile(zip.toFile());
                InputStream in = file.getInputStream(file.getEntry(name))) {
            return in.readAllBytes();
        }
    }

    /** A copy of a zip file in which one entry holds something else. */
    static Path withEntry(Path zip, String name, byte[] content, Path copy) throws IOException {
        try (ZipFile file = new ZipFile(zip.toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(copy))) {
            for (ZipEntry entry : Collections.list(file.entries())) {
                out.putNextEntry(new ZipEntry(entry.getName()));
                out.write(entry.getName().equals(name) ? content : entry(zip, entry.getName()));
                out.closeEntry();
            }
        }
        return copy;
    }
}
