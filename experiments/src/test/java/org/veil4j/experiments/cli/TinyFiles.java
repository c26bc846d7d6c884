package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The files of an owner, a client and a server that have worked with a tiny network and small insecure parameters.
 *
 * @param folder model.veil, client.veil, images.csv, inputs.veil and outputs.veil, the keys in keys/, and in other/ what belongs
 *     to another network and ring
 * @param expected the classes that Deeplearning4j gives the images
 */
record TinyFiles(Path folder, List<Integer> expected) {
    static final int SIZE = 8;
    static final long SEED = 7;
    /** A ring of 2^10 has 512 slots: two batches. */
    private static final int IMAGES = 700;

    /** Does the work of all three, in a folder that is empty. */
    static TinyFiles in(Path folder) throws IOException {
        MultiLayerNetwork network = TinyNetworks.encryptable(SIZE, 1);
        TinyFiles files = new TinyFiles(folder, writeImages(network, folder.resolve("images.csv")));
        TinyNetworks.save(network, files.path("tiny.zip"));
        TinyNetworks.save(TinyNetworks.encryptable(SIZE, 2), files.path("other.zip"));
        Files.createDirectories(files.path("keys"));
        Files.createDirectories(files.path("other"));
        Cli.done(
                "compile",
                "--network",
                files.path("tiny.zip"),
                "--shape",
                "1x8x8",
                "--mean",
                "100",
                "--std",
                "60",
                "--out",
                folder,
                "--log-n",
                10,
                "--insecure-test-parameters");
        Cli.done(
                "compile",
                "--network",
                files.path("other.zip"),
                "--shape",
                "1x8x8",
                "--mean",
                "0",
                "--std",
                "255",
                "--out",
                files.path("other"),
                "--log-n",
                11,
                "--insecure-test-parameters");
        Cli.done(
                "keygen",
                "--spec",
                files.path("client.veil"),
                "--out",
                files.path("keys"),
                "--insecure-test-parameters");
        Cli.done(
                "keygen",
                "--spec",
                files.path("other/client.veil"),
                "--out",
                files.path("other"),
                "--insecure-test-parameters");
        Cli.done(
                "encrypt",
                "--spec",
                files.path("client.veil"),
                "--secret",
                files.path("keys/secret.key"),
                "--images",
                files.path("images.csv"),
                "--out",
                files.path("inputs.veil"));
        Cli.done(
                "infer",
                "--model",
                files.path("model.veil"),
                "--keys",
                files.path("keys/evaluation.keys"),
                "--in",
                files.path("inputs.veil"),
                "--out",
                files.path("outputs.veil"));
        return files;
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    /** Runs infer, whose results would go to none.veil. */
    Cli infer(Path model, Path keys, Path in, Object... more) {
        return run(List.of("infer", "--model", model, "--keys", keys, "--in", in, "--out", path("none.veil")), more);
    }

    /** Runs encrypt with the client's key, whose results would go to none.veil. */
    Cli encrypt(Object... source) {
        return run(
                List.of(
                        "encrypt",
                        "--spec",
                        path("client.veil"),
                        "--secret",
                        path("keys/secret.key"),
                        "--out",
                        path("none.veil")),
                source);
    }

    /** Runs decrypt of the outputs. */
    Cli decrypt(Path spec, Path secret, Object... more) {
        return run(List.of("decrypt", "--spec", spec, "--secret", secret, "--in", path("outputs.veil")), more);
    }

    private static Cli run(List<Object> args, Object... more) {
        List<Object> all = new ArrayList<>(args);
        all.addAll(List.of(more));
        return Cli.run(all.toArray());
    }

    /** Writes random images, and returns what Deeplearning4j makes of them. */
    private static List<Integer> writeImages(MultiLayerNetwork network, Path file) throws IOException {
        Random random = new Random(SEED);
        double[][] images = new double[IMAGES][SIZE * SIZE];
        List<String> lines = new ArrayList<>();
        for (double[] image : images) {
            StringBuilder line = new StringBuilder();
            for (int e = 0; e < image.length; e++) {
                int pixel = random.nextInt(256);
                line.append(e == 0 ? "" : ",").append(pixel);
                image[e] = (pixel - 100) / 60.0;
            }
            lines.add(line.toString());
        }
        Files.write(file, lines);
        INDArray input = Nd4j.create(images).castTo(DataType.FLOAT).reshape(IMAGES, 1, SIZE, SIZE);
        int[] classes = network.output(input).argMax(1).toIntVector();
        return IntStream.of(classes).boxed().toList();
    }
}
