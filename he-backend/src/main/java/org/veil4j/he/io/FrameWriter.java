package org.veil4j.he.io;

import java.io.Closeable;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Writes a file or stream of frames, in chunks of at most 1 MiB: neither a frame nor the file has to fit in memory.
 * Not thread-safe.
 *
 * <pre>{@code
 * try (FrameWriter writer = FrameWriter.create(file, FileKind.INPUT, parameters)) {
 *     writer.beginFrame("DATA");
 *     writer.out().writeInt(42);
 *     writer.endFrame();
 *     writer.commit();
 * }
 * }</pre>
 */
public final class FrameWriter implements Closeable {
    private final @Nullable FileTarget target;
    private final OutputStream sink;
    private final String name;
    private final byte[] buffer = new byte[FrameFormat.MAX_CHUNK];
    private final byte[] word = new byte[4];
    private final DataOutputStream out = new DataOutputStream(new Payload());
    private @Nullable String tag;
    private int filled;
    private long frame;
    private long chunk;
    private long written;
    private boolean finished;
    private boolean committed;

    private FrameWriter(@Nullable FileTarget target, OutputStream sink, String name) {
        this.target = target;
        this.sink = sink;
        this.name = name;
    }

    /**
     * Starts a file, under a temporary name beside it until {@link #commit}.
     *
     * @param file the final name; an existing file is replaced on commit
     * @param kind what it will hold; a secret kind is made readable by its owner only
     * @param parameters the fingerprint of the parameter set
     * @throws IOException if the place cannot be written
     */
    public static FrameWriter create(Path file, FileKind kind, Fingerprint parameters) throws IOException {
        FileTarget target = FileTarget.create(file, kind.isSecret());
        FrameWriter writer = new FrameWriter(target, target.stream(), "out=" + file);
        try {
            writer.header(kind, parameters);
            return writer;
        } catch (IOException e) {
            writer.close();
            throw e;
        }
    }

    /** Starts a stream, which the caller owns: {@link #commit} flushes it and nobody closes it. */
    public static FrameWriter to(OutputStream out, FileKind kind, Fingerprint parameters) throws IOException {
        FrameWriter writer = new FrameWriter(null, out, "output stream");
        writer.header(kind, parameters);
        return writer;
    }

    /**
     * Begins a frame.
     *
     * @param tag four printable ASCII characters other than "END."
     * @throws IllegalStateException if a frame is open or the file is complete
     */
    public void beginFrame(String tag) {
        if (!FrameFormat.isTag(tag) || tag.equals(FrameFormat.END_TAG)) {
            throw new IllegalArgumentException("tag=" + tag + ": must be four printable ASCII characters, not END.");
        }
        open(tag);
    }

    private void open(String newTag) {
        if (tag != null || finished) {
            throw new IllegalStateException(
                    "tag=" + newTag + ": " + (finished ? "already complete" : tag + " is open"));
        }
        tag = newTag;
        chunk = 0;
        filled = 0;
    }

    /** Returns where the open frame's payload is written. Writing without an open frame is an IllegalStateException. */
    public DataOutput out() {
        return out;
    }

    /** Ends the open frame. */
    public void endFrame() throws IOException {
        requireFrame();
        flushChunk(true);
        tag = null;
        frame++;
    }

    /** Returns the bytes written to the file or stream so far, headers and checksums included. */
    public long bytesWritten() {
        return written;
    }

    /**
     * Writes the end marker: all that is left to {@link #commit} is the file's name. For several files that appear together or
     * not at all. Frames after it are an IllegalStateException.
     *
     * @throws IOException if it cannot be completed; then {@link #close} removes what was written
     */
    public void finish() throws IOException {
        if (tag != null) {
            throw new IllegalStateException("tag=" + tag + ": the frame is still open");
        }
        long frames = frame;
        open(FrameFormat.END_TAG);
        out.writeLong(frames);
        endFrame();
        try {
            sink.flush();
        } catch (IOException e) {
            throw failed(e);
        }
        finished = true;
    }

    /**
     * Makes the file appear under its final name, with the end marker unless {@link #finish} has written it.
     *
     * @throws IllegalStateException if a frame is open or this was done before
     * @throws IOException if it cannot be completed; then {@link #close} removes what was written
     */
    public void commit() throws IOException {
        if (committed) {
            throw new IllegalStateException(name + ": already committed");
        }
        if (!finished) {
            finish();
        }
        if (target != null) {
            try {
                target.commit();
            } catch (IOException e) {
                throw failed(e);
            }
        }
        committed = true;
    }

    /** Releases the file; without a commit before, nothing is left of it. A stream stays open. */
    @Override
    public void close() throws IOException {
        if (target != null) {
            target.close();
        }
    }

    private void header(FileKind kind, Fingerprint parameters) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(FrameFormat.HEADER_BYTES);
        header.put(FrameFormat.MAGIC).putShort((short) FrameFormat.VERSION);
        header.put(kind.tag().getBytes(StandardCharsets.US_ASCII)).put(parameters.bytes());
        header.putInt(FrameFormat.checksum(header.array(), header.position()));
        write(header.array(), header.capacity());
    }

    private String requireFrame() {
        if (tag == null) {
            throw new IllegalStateException("no open frame: call beginFrame first");
        }
        return tag;
    }

    private void flushChunk(boolean last) throws IOException {
        String open = requireFrame();
        if (chunk == 0) {
            write(open.getBytes(StandardCharsets.US_ASCII), FrameFormat.TAG_BYTES);
        }
        int lengthWord = last ? filled | FrameFormat.LAST_CHUNK : filled;
        writeInt(lengthWord);
        write(buffer, filled);
        writeInt(FrameFormat.checksum(frame, chunk, open, lengthWord, buffer, filled));
        chunk++;
        filled = 0;
    }

    private void writeInt(int value) throws IOException {
        ByteBuffer.wrap(word).putInt(value);
        write(word, word.length);
    }

    private void write(byte[] bytes, int length) throws IOException {
        try {
            sink.write(bytes, 0, length);
        } catch (IOException e) {
            throw failed(e);
        }
        written += length;
    }

    private IOException failed(IOException e) {
        return new IOException(name + ": cannot be written (" + FileTarget.reason(e) + "); nothing was kept", e);
    }

    /** The open frame's payload. A full buffer is kept until more comes, so that the last chunk is never empty by accident. */
    private final class Payload extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            requireFrame();
            if (filled == buffer.length) {
                flushChunk(false);
            }
            buffer[filled++] = (byte) b;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            requireFrame();
            int from = offset;
            int left = length;
            while (left > 0) {
                if (filled == buffer.length) {
                    flushChunk(false);
                }
                int step = Math.min(left, buffer.length - filled);
                System.arraycopy(bytes, from, buffer, filled, step);
                filled += step;
                from += step;
                left -= step;
            }
        }
    }
}
