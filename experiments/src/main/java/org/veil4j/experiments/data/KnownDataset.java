package org.veil4j.experiments.data;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.veil4j.zoo.InputShape;

/** The data sets that the program knows: shape, class names, files with the SHA-256 of their decompressed bytes, sources. */
final class KnownDataset {
    static final KnownDataset FASHION_MNIST = new KnownDataset(
            "fashion-mnist",
            "fashion-mnist",
            InputShape.GREY_28,
            List.of(
                    "T-shirt/top",
                    "Trouser",
                    "Pullover",
                    "Dress",
                    "Coat",
                    "Sandal",
                    "Shirt",
                    "Sneaker",
                    "Bag",
                    "Ankle boot"),
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
            Map.of(
                    "t10k-images-idx3-ubyte", "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                    "t10k-labels-idx1-ubyte", "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
                    "train-images-idx3-ubyte", "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                    "train-labels-idx1-ubyte", "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"));

    static final KnownDataset MNIST = new KnownDataset(
            "mnist",
            "mnist",
            InputShape.GREY_28,
            List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
            // the copy of the CVDF (its hashes are the authors'); the authors' own site no longer serves the files
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            Map.of(
                    "t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                    "t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                    "train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                    "train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"));

    static final KnownDataset CIFAR_10 = new KnownDataset(
            "cifar-10",
            "cifar-10-batches-bin",
            InputShape.COLOUR_32,
            List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            Map.of(
                    "data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
                    "data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
                    "data_batch_3.bin", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
                    "data_batch_4.bin", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
                    "data_batch_5.bin", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
                    "test_batch.bin", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"));

    /** All of them. */
    static final List<KnownDataset> ALL = List.of(FASHION_MNIST, MNIST, CIFAR_10);

    final String id;
    /** Folder under the data folder, as the publishers' archives unpack. */
    final String folder;

    final InputShape shape;
    final List<String> classNames;
    /** Folder of gzip files, or one tar.gz. */
    final String source;
    /** File name to SHA-256 of the bytes after decompression. */
    final Map<String, String> sums;

    private KnownDataset(
            String id,
            String folder,
            InputShape shape,
            List<String> classNames,
            String source,
            Map<String, String> sums) {
        this.id = id;
        this.folder = folder;
        this.shape = shape;
        this.classNames = classNames;
        this.source = source;
        this.sums = sums;
    }

    boolean isIdx() {
        return !source.endsWith(".tar.gz");
    }

    /** The SHA-256 of one of the set's files. */
    String sum(String file) {
        String sum = sums.get(file);
        if (sum == null) {
            throw new IllegalStateException(file + " is not a file of " + id);
        }
        return sum;
    }

    static KnownDataset of(String id) {
        String wanted = id.toLowerCase(Locale.ROOT);
        for (KnownDataset d : ALL) {
            if (d.id.equals(wanted) || d.folder.equals(wanted)) {
                return d;
            }
        }
        throw new IllegalArgumentException("dataset=" + id + ": unknown; use one of "
                + ALL.stream().map(d -> d.id).toList());
    }
}
