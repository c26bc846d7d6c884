package org.veil4j.he.io;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A file of frames to be read in any order, as often as needed. Opening it finds the frames without reading what is in them; a
 * frame's checksums are verified each time it is read, and it must still be the frame that was found. Safe for use by several
 * threads, but one that is interrupted while it reads closes the file for all.
 */
public final class FrameFile implements Closeable {
    /** A frame: where its tag is, the bytes of its payload, and what its chunks add up to. */
    private record Place(String tag, long position, long payloadBytes, int seal) {}

    private static final long END = -1;

    private final FileChannel channel;
    private final String name;
    private final long size;
    private final FrameReader header;
    private final List<Place> frames = new ArrayList<>();

    private FrameFile(FileChannel channel, Path file, FileKind expected, int mostFrames) throws IOException {
        this.channel = channel;
        this.name = "file=" + file;
        this.size = channel.size();
        this.header = new FrameReader(new Bytes(0), name, size, false);
        if (header.kind() != expected) {
            throw corrupt(8, expected.title(), header.kind().title());
        }
        long at = FrameFormat.HEADER_BYTES;
        while (at != END) {
            at = find(at, mostFrames);
        }
    }

    /**
     * Opens a file and finds its frames: a few bytes are read for each MiB.
     *
     * @param expected the kind that it must be of
     * @param mostFrames the caller's limit on the number of frames
     * @throws CorruptDataException if it is not a Veil4J file of this kind, is cut, has more frames or follows no format
     */
    public static FrameFile open(Path file, FileKind expected, int mostFrames) throws IOException {
        if (!Files.isRegularFile(file) && Files.exists(file)) {
            throw new FileNotFoundException("file=" + file + ": must be an ordinary file, to be read in any order");
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return new FrameFile(channel, file, expected, mostFrames);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Finds the frame at a position, or the end marker there; returns where the next one is, or END. */
    private long find(long position, int mostFrames) throws IOException {
        String tag = new String(read(position, FrameFormat.TAG_BYTES).array(), StandardCharsets.ISO_8859_1);
        if (!FrameFormat.isTag(tag)) {
            throw corrupt(position, "a frame's tag", "other bytes");
        }
        if (tag.equals(FrameFormat.END_TAG)) {
            FrameReader end = new FrameReader(header, new Bytes(position), position, frames.size(), null);
            end.expectEnd();
            if (end.position() != size) {
                throw corrupt(end.position(), "the end of the file", "more bytes");
            }
            return END;
        }
        CRC32C seal = new CRC32C();
        long at = position + FrameFormat.TAG_BYTES;
        long payload = 0;
        int word;
        do {
            word = read(at, Integer.BYTES).getInt();
            int length = word & ~FrameFormat.LAST_CHUNK;
            if (length > FrameFormat.MAX_CHUNK || length + 2L * Integer.BYTES > size - at) {
                throw corrupt(at, "a chunk that fits in what is left", "one of " + length + " bytes");
            }
            int checksum = read(at + Integer.BYTES + length, Integer.BYTES).getInt();
            FrameFormat.seal(seal, word, checksum);
            payload += length;
            at += length + 2L * Integer.BYTES;
        } while ((word & FrameFormat.LAST_CHUNK) == 0);
        if (frames.size() == mostFrames) {
            throw corrupt(position, "at most " + mostFrames + " frames", "more");
        }
        frames.add(new Place(tag, position, payload, (int) seal.getValue()));
        return at;
    }

    private ByteBuffer read(long position, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        int count = new Bytes(position).readNBytes(content, 0, bytes);
        if (count < bytes) {
            throw corrupt(position + count, "a frame or the end marker", "the end of the data (truncated)");
        }
        return ByteBuffer.wrap(content);
    }

    /** The fingerprint of the parameter set that the content belongs to. */
    public Fingerprint parameters() {
        return header.parameters();
    }

    /** How many frames the file has. */
    public int frames() {
        return frames.size();
    }

    /**
     * The tag of a frame.
     *
     * @param frame 0 to {@link #frames} - 1
     */
    public String tag(int frame) {
        return frames.get(frame).tag;
    }

    /**
     * The bytes of a frame's payload.
     *
     * @param frame 0 to {@link #frames} - 1
     */
    public long payloadBytes(int frame) {
        return frames.get(frame).payloadBytes;
    }

    /**
     * Opens a frame. The reader belongs to one thread; there may be many readers.
     *
     * @param frame 0 to {@link #frames} - 1
     * @return a reader that has just opened the frame, and gives nothing else
     * @throws CorruptDataException if the file's size has changed; the reader throws it, at the frame's end at the latest, if
     *     the frame has
     * @throws java.nio.channels.ClosedChannelException if the file was closed
     */
    public FrameReader openFrame(int frame) throws IOException {
        long now = channel.size();
        if (now != size) {
            throw corrupt(
                    Math.min(now, size),
                    "the " + size + " bytes that the file had when it was opened",
                    now + " (the file has changed)");
        }
        Place place = frames.get(frame);
        FrameReader reader = new FrameReader(header, new Bytes(place.position), place.position, frame, place.seal);
        reader.expectFrame(place.tag);
        return reader;
    }

    /**
     * An exception that says where a frame begins, for frames that make no sense to the caller.
     *
     * @param frame 0 to {@link #frames}, which is the end
     */
    public CorruptDataException corrupt(int frame, String expected, String found) {
        return corrupt(frame < frames.size() ? frames.get(frame).position : size, expected, found);
    }

    private CorruptDataException corrupt(long offset, String expected, String found) {
        return new CorruptDataException(name, offset, expected, found);
    }

    /** Whether the file is open. */
    public boolean isOpen() {
        return channel.isOpen();
    }

    /** Releases the file. */
    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** The file's bytes from a position on. */
    private final class Bytes extends InputStream {
        private long at;

        Bytes(long at) {
            this.at = at;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            int count = channel.read(ByteBuffer.wrap(target, offset, length), at);
            at += Math.max(0, count);
            return count;
        }
    }
}
