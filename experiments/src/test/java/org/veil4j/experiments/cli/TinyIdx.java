package org.veil4j.experiments.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** A data folder with a few images of noise in MNIST's format. */
final class TinyIdx {
    static final int TRAIN = 150;
    static final int TEST = 30;

    private static final int SIDE = 28;
    private static final int CLASSES = 10;

    private TinyIdx() {}

    static void write(Path folder) {
        try {
            Path set = Files.createDirectories(folder.resolve("mnist"));
            write(set, "train", TRAIN, 1);
            write(set, "t10k", TEST, 2);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path set, String part, int count, long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        ByteBuffer images = ByteBuffer.allocate(16 + count * SIDE * SIDE);
        images.putInt(0x803).putInt(count).putInt(SIDE).putInt(SIDE);
        ByteBuffer labels = ByteBuffer.allocate(8 + count);
        labels.putInt(0x801).putInt(count);
        for (int i = 0; i < count; i++) {
            labels.put((byte) (i % CLASSES));
            for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
                images.put((byte) random.nextInt(256));
            }
        }
        Files.write(set.resolve(part + "-images-idx3-ubyte"), images.array());
        Files.write(set.resolve(part + "-labels-idx1-ubyte"), labels.array());
    }
}
