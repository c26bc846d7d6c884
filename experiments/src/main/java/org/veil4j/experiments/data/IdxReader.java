package org.veil4j.experiments.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads the IDX format of MNIST and its relatives, gzip-compressed or not (recognised by content): big-endian magic
 * number 0x00000803 (images: count, rows, columns, then bytes) or 0x00000801 (labels: count, then bytes).
 */
final class IdxReader {
    private static final int IMAGES = 0x803;
    private static final int LABELS = 0x801;
    private static final int MAX_COUNT = 10_000_000;

    private IdxReader() {}

    /** Reads all images; each must have the given size. The name is for messages. */
    static byte[][] images(InputStream in, String name, int height, int width) throws IOException {
        try (DataInputStream data = open(in, name)) {
            int count = header(data, name, IMAGES, "images");
            int rows = data.readInt();
            int columns = data.readInt();
            if (rows != height || columns != width) {
                throw new DataFileException(name + ": images of " + rows + "x" + columns + ": must be " + height + "x"
                        + width + "; is this another data set?");
            }
            byte[][] images = new byte[count][];
            for (int i = 0; i < count; i++) {
                images[i] = data.readNBytes(height * width);
                if (images[i].length < height * width) {
                    throw truncated(name, i, count);
                }
            }
            expectEnd(data, name);
            return images;
        } catch (EOFException | ZipException e) {
            throw damaged(name, e);
        }
    }

    /** Reads all labels; each must be below the number of classes. */
    static int[] labels(InputStream in, String name, int classes) throws IOException {
        try (DataInputStream data = open(in, name)) {
            int count = header(data, name, LABELS, "labels");
            byte[] bytes = data.readNBytes(count);
            if (bytes.length < count) {
                throw truncated(name, bytes.length, count);
            }
            expectEnd(data, name);
            int[] labels = new int[count];
            for (int i = 0; i < count; i++) {
                labels[i] = bytes[i] & 255;
                if (labels[i] >= classes) {
                    throw new DataFileException(name + ": label " + i + " is " + labels[i] + ": must be in 0.."
                            + (classes - 1) + "; the file is damaged or another data set");
                }
            }
            return labels;
        } catch (EOFException | ZipException e) {
            throw damaged(name, e);
        }
    }

    private static DataInputStream open(InputStream in, String name) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(in, 1 << 16);
        buffered.mark(2);
        int first = buffered.read();
        int second = buffered.read();
        buffered.reset();
        if (second < 0) {
            throw new DataFileException(name + ": the file is empty; fetch it again");
        }
        boolean gzip = first == 0x1f && second == 0x8b;
        return new DataInputStream(gzip ? new BufferedInputStream(new GZIPInputStream(buffered), 1 << 16) : buffered);
    }

    private static int header(DataInputStream in, String name, int magic, String what) throws IOException {
        int found = in.readInt();
        if (found != magic) {
            throw new DataFileException(String.format(
                    "%s: magic number 0x%08x: must be 0x%08x (IDX %s); is this the right file?",
                    name, found, magic, what));
        }
        int count = in.readInt();
        if (count < 1 || count > MAX_COUNT) {
            throw new DataFileException(
                    name + ": count=" + count + ": must be in 1.." + MAX_COUNT + "; the file is damaged");
        }
        return count;
    }

    private static void expectEnd(DataInputStream in, String name) throws IOException {
        if (in.read() >= 0) {
            throw new DataFileException(name + ": holds more bytes than its header says; fetch it again");
        }
    }

    private static DataFileException truncated(String name, int have, int want) {
        return new DataFileException(
                name + ": ends after " + have + " of " + want + " entries: the file is truncated; fetch it again");
    }

    private static DataFileException damaged(String name, IOException cause) {
        return new DataFileException(
                name + ": the file is truncated or damaged (" + cause.getMessage() + "); fetch it again", cause);
    }
}
