package org.veil4j.experiments.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Downloads a data set's files, stores them decompressed, and lets a file appear under its name only after its SHA-256
 * agreed.
 */
class Downloader {
    private static final Logger LOG = LogManager.getLogger(Downloader.class);

    /** Fetches one file of a set (all of them where the publisher has one archive) into a folder. */
    void fetch(KnownDataset set, String file, Path folder) throws IOException {
        Files.createDirectories(folder);
        if (set.isIdx()) {
            String url = set.source + file + ".gz";
            LOG.info("Downloading {}", url);
            try (InputStream in = new GZIPInputStream(open(url), 1 << 16)) {
                store(in, Long.MAX_VALUE, set, file, folder);
            }
        } else {
            LOG.info("Downloading {} (about 170 MB, once)", set.source);
            try (InputStream in = new GZIPInputStream(open(set.source), 1 << 16)) {
                TarReader tar = new TarReader(in, set.source);
                while (tar.next()) {
                    String name = tar.name().substring(tar.name().lastIndexOf('/') + 1);
                    if (set.sums.containsKey(name)) {
                        store(in, tar.remaining(), set, name, folder);
                        tar.consumed();
                    }
                }
            }
        }
        if (!Files.isRegularFile(folder.resolve(file))) {
            throw new DataFileException(set.source + ": the archive has no " + file + "; fetch the data set by hand");
        }
    }

    /** Opens a URL; overridden in tests. */
    InputStream open(String url) throws IOException {
        HttpClient client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(Duration.ofSeconds(20))
                .build();
        try {
            HttpResponse<InputStream> response = client.send(
                    HttpRequest.newBuilder(URI.create(url))
                            .timeout(Duration.ofMinutes(1))
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            if (response.statusCode() != 200) {
                response.body().close();
                throw new DataFileException(url + ": the server answered " + response.statusCode()
                        + "; fetch the file by hand and name its folder with --data");
            }
            return response.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DataFileException(url + ": the download was interrupted", e);
        } catch (DataFileException e) {
            throw e;
        } catch (IOException e) {
            throw new DataFileException(
                    url + ": cannot be downloaded (" + e.getClass().getSimpleName()
                            + "); go online, or name a folder that has the data with --data",
                    e);
        }
    }

    private static void store(InputStream in, long length, KnownDataset set, String file, Path folder)
            throws IOException {
        Path temporary = Files.createTempFile(folder, file, ".part");
        try {
            MessageDigest sha = sha256();
            try (OutputStream out = new DigestOutputStream(Files.newOutputStream(temporary), sha)) {
                copy(in, out, length, file);
            }
            String sum = HexFormat.of().formatHex(sha.digest());
            if (!sum.equals(set.sum(file))) {
                throw new DataFileException(set.folder + "/" + file + ": SHA-256 is " + sum + ": must be "
                        + set.sum(file) + "; the download is damaged or the publisher changed the file");
            }
            Files.move(temporary, folder.resolve(file), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void copy(InputStream in, OutputStream out, long length, String file) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long left = length;
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                if (length != Long.MAX_VALUE) {
                    throw new DataFileException(file + ": the download ended early; try again");
                }
                return;
            }
            out.write(buffer, 0, read);
            left -= read;
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
