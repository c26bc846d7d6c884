package org.veil4j.experiments.data;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.veil4j.he.io.FileTarget;

/**
 * Writes labelled features in the format that {@link org.veil4j.he.mlr.clear.FeatureCsv} reads, the one of the published RegNet
 * files: label as a float, then the features as floats with as many digits as tell them apart, lines ended by CR LF. The file
 * appears under its name only on {@link #commit}. Not thread-safe.
 */
public final class FeatureCsvWriter implements AutoCloseable {
    private final FileTarget target;
    private final OutputStream out;
    private final StringBuilder line = new StringBuilder();
    private int columns;
    private long bytes;

    private FeatureCsvWriter(FileTarget target) {
        this.target = target;
        this.out = new BufferedOutputStream(target.stream(), 1 << 16);
    }

    /**
     * Starts a file.
     *
     * @param file to write, replaced on commit when it exists
     * @return the writer; close it
     * @throws IOException if its folder does not exist or cannot be written
     */
    public static FeatureCsvWriter create(Path file) throws IOException {
        return new FeatureCsvWriter(FileTarget.create(file, false));
    }

    /**
     * Adds a row.
     *
     * @param label class index, 0 or more
     * @param features finite, as many as in the first row
     * @throws IllegalArgumentException if they are not
     * @throws IOException if it cannot be written
     */
    public void append(int label, float[] features) throws IOException {
        if (label < 0 || features.length == 0 || columns != 0 && features.length != columns) {
            throw new IllegalArgumentException("label=" + label + " features=" + features.length
                    + ": the label must be 0 or more, and every row must have the same number of features");
        }
        columns = features.length;
        line.setLength(0);
        line.append((float) label);
        for (float feature : features) {
            if (!Float.isFinite(feature)) {
                throw new IllegalArgumentException("feature=" + feature + ": must be finite");
            }
            line.append(',').append(feature);
        }
        byte[] text = line.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
        out.write(text);
        bytes += text.length;
    }

    /**
     * Makes the file appear.
     *
     * @return its length in bytes
     * @throws IOException if it cannot be completed; then nothing appears
     */
    public long commit() throws IOException {
        out.flush();
        target.commit();
        return bytes;
    }

    @Override
    public void close() throws IOException {
        target.close();
    }
}
