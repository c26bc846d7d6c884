package org.veil4j.experiments.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where data sets come from, in this order: the folder that the user names, the images bundled with the program
 * (Fashion-MNIST's test set), and {@code ~/.veil4j/data}, into which the publishers' files are downloaded once and
 * checked by SHA-256. Folders are laid out as the publishers' archives unpack, for example
 * {@code fashion-mnist/t10k-images-idx3-ubyte} (or with {@code .gz}) and {@code cifar-10-batches-bin/test_batch.bin}.
 */
public final class DataRepository {
    /** Environment variable that names the data folder when no option does. */
    public static final String VARIABLE = "VEIL4J_DATA";

    private final @Nullable Path named;
    private final Path cache;
    private final Downloader downloader;

    DataRepository(@Nullable Path named, Path cache, Downloader downloader) {
        this.named = named;
        this.cache = cache;
        this.downloader = downloader;
    }

    /**
     * Opens the repository.
     *
     * @param folder the user's data folder, or null for the variable {@value #VARIABLE} or else the download cache
     * @return the repository; nothing is read yet
     * @throws DataFileException when the named folder does not exist
     */
    public static DataRepository open(@Nullable Path folder) throws DataFileException {
        Path named = folder;
        String variable = System.getenv(VARIABLE);
        if (named == null && variable != null && !variable.isBlank()) {
            named = Path.of(variable);
        }
        if (named != null && !Files.isDirectory(named)) {
            throw new DataFileException("data=" + named + ": no such folder; name an existing one, or omit --data and "
                    + VARIABLE + " to download");
        }
        Path cache = Path.of(System.getProperty("user.home"), ".veil4j", "data");
        return new DataRepository(named, cache, new Downloader());
    }

    /**
     * The names that {@link #train} and {@link #test} know.
     *
     * @return for example {@code fashion-mnist}
     */
    public static List<String> names() {
        List<String> names = new ArrayList<>();
        for (KnownDataset d : KnownDataset.ALL) {
            names.add(d.id);
        }
        return names;
    }

    /**
     * Reads a training set.
     *
     * @param name {@code fashion-mnist}, {@code mnist} or {@code cifar-10}
     * @return 60,000 or 50,000 images
     * @throws IOException when a file is missing, damaged or cannot be downloaded
     */
    public Dataset train(String name) throws IOException {
        KnownDataset set = KnownDataset.of(name);
        if (set.isIdx()) {
            return idx(set, "train");
        }
        return cifar(
                set,
                List.of(
                        "data_batch_1.bin",
                        "data_batch_2.bin",
                        "data_batch_3.bin",
                        "data_batch_4.bin",
                        "data_batch_5.bin"));
    }

    /**
     * Reads a test set.
     *
     * @param name {@code fashion-mnist}, {@code mnist} or {@code cifar-10}
     * @return 10,000 images
     * @throws IOException when a file is missing, damaged or cannot be downloaded
     */
    public Dataset test(String name) throws IOException {
        KnownDataset set = KnownDataset.of(name);
        return set.isIdx() ? idx(set, "t10k") : cifar(set, List.of("test_batch.bin"));
    }

    /**
     * Reads a test set if that needs no download.
     *
     * @param name {@code fashion-mnist}, {@code mnist} or {@code cifar-10}
     * @return null if its files are not on this machine
     * @throws IOException when a file is damaged
     */
    public @Nullable Dataset localTest(String name) throws IOException {
        KnownDataset set = KnownDataset.of(name);
        List<String> files =
                set.isIdx() ? List.of("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte") : List.of("test_batch.bin");
        for (String file : files) {
            try (InputStream in = local(set, file)) {
                if (in == null) {
                    return null;
                }
            }
        }
        return test(name);
    }

    /**
     * Finds a file in the user's data folder that belongs to no data set, such as weights.
     *
     * @param relative path below the folder
     * @return the file; null if no folder was named or it has no such file
     */
    public @Nullable Path find(String relative) {
        Path file = named == null ? null : named.resolve(relative);
        return file != null && Files.isRegularFile(file) ? file : null;
    }

    private Dataset idx(KnownDataset set, String part) throws IOException {
        String imageFile = part + "-images-idx3-ubyte";
        String labelFile = part + "-labels-idx1-ubyte";
        byte[][] images;
        int[] labels;
        try (InputStream in = open(set, imageFile)) {
            images = IdxReader.images(in, set.folder + "/" + imageFile, set.shape.height(), set.shape.width());
        }
        try (InputStream in = open(set, labelFile)) {
            labels = IdxReader.labels(in, set.folder + "/" + labelFile, set.classNames.size());
        }
        if (images.length != labels.length) {
            throw new DataFileException(set.folder + "/" + part + "-*: " + images.length + " images but "
                    + labels.length + " labels: counts must agree; fetch both files again");
        }
        return new Dataset(set.id, set.shape, set.classNames, images, labels);
    }

    private Dataset cifar(KnownDataset set, List<String> files) throws IOException {
        List<byte[]> images = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (String file : files) {
            try (InputStream in = open(set, file)) {
                CifarReader.read(in, set.folder + "/" + file, images, labels);
            }
        }
        int[] y = labels.stream().mapToInt(Integer::intValue).toArray();
        return new Dataset(set.id, set.shape, set.classNames, images.toArray(new byte[0][]), y);
    }

    /** A file that is on this machine, null if it is not. */
    private @Nullable InputStream local(KnownDataset set, String file) throws IOException {
        if (named != null) {
            Path found = find(named.resolve(set.folder), file);
            if (found != null) {
                return Files.newInputStream(found);
            }
        }
        InputStream bundled = DataRepository.class.getResourceAsStream(
                "/org/veil4j/experiments/data/" + set.folder + "/" + file + ".gz");
        if (bundled != null) {
            return new BufferedInputStream(bundled);
        }
        Path cached = named == null ? find(cache.resolve(set.folder), file) : null;
        return cached == null ? null : Files.newInputStream(cached);
    }

    private InputStream open(KnownDataset set, String file) throws IOException {
        InputStream local = local(set, file);
        if (local != null) {
            return local;
        }
        if (named != null) {
            throw new DataFileException("data=" + named + ": has no " + set.folder + "/" + file
                    + " (or .gz); put it there, or omit --data and " + VARIABLE + " to download it");
        }
        Path folder = cache.resolve(set.folder);
        downloader.fetch(set, file, folder);
        return Files.newInputStream(folder.resolve(file));
    }

    private static @Nullable Path find(Path folder, String file) {
        Path plain = folder.resolve(file);
        if (Files.isRegularFile(plain)) {
            return plain;
        }
        Path gzip = folder.resolve(file + ".gz");
        return Files.isRegularFile(gzip) ? gzip : null;
    }
}
