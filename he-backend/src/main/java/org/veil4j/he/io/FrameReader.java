package org.veil4j.he.io;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file or stream of frames, chunk by chunk (at most 1 MiB in memory). Every byte is covered by a checksum, and no
 * length field is believed before it has been compared with what is left. Not thread-safe.
 */
public final class FrameReader implements Closeable {
    private final InputStream source;
    private final String name;
    private final long size;
    private final boolean owned;
    private final FileKind kind;
    private final int version;
    private final Fingerprint parameters;
    private final PayloadReader in;
    private byte[] buffer = new byte[0];
    private long position;
    private @Nullable String tag;
    private long frame = -1;
    private long chunk;
    private boolean ended;
    private final CRC32C seal = new CRC32C();
    /** What the seal of the only frame must be, for a reader of one frame. */
    private final @Nullable Integer expectedSeal;

    FrameReader(InputStream source, String name, long size, boolean owned) throws IOException {
        this.expectedSeal = null;
        this.source = source;
        this.name = name;
        this.size = size;
        this.owned = owned;
        byte[] header = new byte[FrameFormat.HEADER_BYTES];
        readFully(header, header.length, "a header of " + header.length + " bytes (is this a Veil4J file?)");
        ByteBuffer fields = ByteBuffer.wrap(header);
        byte[] magic = new byte[FrameFormat.MAGIC.length];
        fields.get(magic);
        if (!Arrays.equals(magic, FrameFormat.MAGIC)) {
            throw corrupt(0, "the signature VEIL4J", printable(magic) + " (not a Veil4J file)");
        }
        version = fields.getShort() & 0xffff;
        if (version > FrameFormat.VERSION) {
            throw corrupt(6, "format version " + FrameFormat.VERSION, version + " (written by a newer Veil4J: update)");
        }
        if (version < FrameFormat.VERSION) {
            throw corrupt(
                    6,
                    "format version " + FrameFormat.VERSION,
                    version + " (written by an older Veil4J: write it anew)");
        }
        byte[] kindTag = new byte[FrameFormat.TAG_BYTES];
        fields.get(kindTag);
        byte[] digest = new byte[Fingerprint.BYTES];
        fields.get(digest);
        if (fields.getInt() != FrameFormat.checksum(header, header.length - 4)) {
            throw corrupt(header.length - 4L, "the header's checksum", "another (the header is damaged)");
        }
        FileKind known = FileKind.ofTag(new String(kindTag, StandardCharsets.ISO_8859_1));
        if (known == null) {
            throw corrupt(8, "a known kind", printable(kindTag));
        }
        kind = known;
        parameters = Fingerprint.ofDigest(digest);
        in = new PayloadReader(name, new Chunks());
    }

    /**
     * A reader of one frame of a file, to be opened by {@link #nextFrame}.
     *
     * @param file a reader of the file's header
     * @param source bytes from the frame's tag on; the caller owns it
     * @param position of the tag in the file
     * @param frame the frame's number
     * @param expectedSeal of the frame; null if it is not known yet
     */
    FrameReader(FrameReader file, InputStream source, long position, long frame, @Nullable Integer expectedSeal) {
        this.source = source;
        this.name = file.name;
        this.size = file.size;
        this.owned = false;
        this.kind = file.kind;
        this.version = file.version;
        this.parameters = file.parameters;
        this.in = new PayloadReader(name, new Chunks());
        this.position = position;
        this.frame = frame - 1;
        this.expectedSeal = expectedSeal;
    }

    /**
     * Opens a file of any kind.
     *
     * @throws CorruptDataException if it is not a Veil4J file, is damaged, or is of another version
     * @throws FileNotFoundException if it is a folder
     */
    public static FrameReader open(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FileNotFoundException("file=" + file + ": is a folder; name a file");
        }
        InputStream stream = Files.newInputStream(file);
        try {
            long size = Files.isRegularFile(file) ? Files.size(file) : Long.MAX_VALUE;
            return new FrameReader(new BufferedInputStream(stream, 1 << 16), "file=" + file, size, true);
        } catch (IOException | RuntimeException e) {
            stream.close();
            throw e;
        }
    }

    /**
     * Opens a file that must be of the given kind, or one of others.
     *
     * @throws CorruptDataException if it is not a Veil4J file, is damaged, or is of another version or another kind
     */
    public static FrameReader open(Path file, FileKind expected, FileKind... others) throws IOException {
        FrameReader reader = open(file);
        if (reader.kind != expected && !List.of(others).contains(reader.kind)) {
            reader.close();
            throw reader.corrupt(8, expected.title(), reader.kind.title());
        }
        return reader;
    }

    /** Reads a stream of any kind, which the caller owns. It is read in small pieces: give a buffered one. */
    public static FrameReader from(InputStream in) throws IOException {
        return new FrameReader(in, "input stream", Long.MAX_VALUE, false);
    }

    /** Returns what the file holds. */
    public FileKind kind() {
        return kind;
    }

    /** Returns the format version that the file was written with. */
    public int version() {
        return version;
    }

    /** Returns the fingerprint of the parameter set that the content belongs to. */
    public Fingerprint parameters() {
        return parameters;
    }

    /**
     * Goes to the next frame, checking and skipping what is unread of this one.
     *
     * @return the frame's tag, or null at the end, which has then been checked: nothing is missing and nothing follows
     */
    public @Nullable String nextFrame() throws IOException {
        if (ended) {
            return null;
        }
        if (tag != null) {
            skipFrame();
        }
        byte[] bytes = new byte[FrameFormat.TAG_BYTES];
        readFully(bytes, bytes.length, "a frame or the end marker");
        String next = new String(bytes, StandardCharsets.ISO_8859_1);
        if (!FrameFormat.isTag(next)) {
            throw corrupt(position - bytes.length, "a frame's tag", printable(bytes));
        }
        tag = next;
        frame++;
        chunk = 0;
        seal.reset();
        in.reset();
        if (next.equals(FrameFormat.END_TAG)) {
            checkEnd();
            return null;
        }
        return next;
    }

    /**
     * Goes to the next frame, which must have the given tag.
     *
     * @throws CorruptDataException if it has another, or if the file ends
     */
    public void expectFrame(String expected) throws IOException {
        long at = position;
        String found = nextFrame();
        if (!expected.equals(found)) {
            throw corrupt(at, "frame " + expected, found == null ? "the end" : "frame " + found);
        }
    }

    /**
     * Checks and skips what is unread of the open frame, and checks that the file ends behind it.
     *
     * @throws CorruptDataException if another frame follows, or if the file is cut or damaged
     */
    public void expectEnd() throws IOException {
        long at = position;
        String found = nextFrame();
        if (found != null) {
            throw corrupt(at, "the end", "frame " + found);
        }
    }

    /** Returns the open frame's payload. */
    public PayloadReader in() {
        return in;
    }

    /** Checks and skips what is unread of the open frame, and returns the size of its whole payload in bytes. */
    public long skipFrame() throws IOException {
        return in.skipAll();
    }

    /** Releases the file, or nothing for a stream. */
    @Override
    public void close() throws IOException {
        if (owned) {
            source.close();
        }
    }

    private void checkEnd() throws IOException {
        long count = in.readLong();
        in.expectEnd();
        if (count != frame) {
            throw corrupt(position, frame + " frames, as were read", "an end marker that counts " + count);
        }
        if (owned && source.read() >= 0) {
            throw corrupt(position, "the end of the file", "more bytes");
        }
        ended = true;
        tag = null;
    }

    /** Offset of the next byte to be read. */
    long position() {
        return position;
    }

    CorruptDataException corrupt(long offset, String expected, String found) {
        return new CorruptDataException(name, offset, expected, found);
    }

    private void readFully(byte[] bytes, int length, String what) throws IOException {
        int read = source.readNBytes(bytes, 0, length);
        if (read < length) {
            throw corrupt(position + read, what, "the end of the data (truncated)");
        }
        position += length;
    }

    private int readInt(String what) throws IOException {
        byte[] word = new byte[4];
        readFully(word, word.length, what);
        return ByteBuffer.wrap(word).getInt();
    }

    private static String printable(byte[] bytes) {
        StringBuilder text = new StringBuilder("\"");
        for (byte b : bytes) {
            text.append(b > 0x1f && b < 0x7f ? (char) b : '?');
        }
        return text.append('"').toString();
    }

    /** The open frame's chunks. */
    private final class Chunks implements PayloadReader.Source {
        @Override
        public long bound() {
            return size == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, size - position);
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public boolean next(PayloadReader reader) throws IOException {
            String open = tag;
            if (open == null) {
                throw new IllegalStateException("no open frame: call nextFrame first");
            }
            long at = position;
            int lengthWord = readInt("a chunk");
            boolean last = (lengthWord & FrameFormat.LAST_CHUNK) != 0;
            int length = lengthWord & ~FrameFormat.LAST_CHUNK;
            if (length > FrameFormat.MAX_CHUNK || length + 4L > bound()) {
                throw corrupt(at, "a chunk that fits in what is left", "one of " + length + " bytes");
            }
            if (length > buffer.length) {
                buffer = new byte[Math.min(FrameFormat.MAX_CHUNK, Math.max(length, 2 * buffer.length))];
            }
            readFully(buffer, length, "a chunk of " + length + " bytes");
            int checksum = readInt("a chunk's checksum");
            if (checksum != FrameFormat.checksum(frame, chunk, open, lengthWord, buffer, length)) {
                throw corrupt(at, "a chunk that has its checksum", "another (altered, lost or exchanged bytes)");
            }
            FrameFormat.seal(seal, lengthWord, checksum);
            if (last && expectedSeal != null && (int) seal.getValue() != expectedSeal) {
                throw corrupt(
                        at, "the frame that was there when the file was opened", "another (the file has changed)");
            }
            chunk++;
            reader.accept(buffer, length, last);
            return !last;
        }
    }
}
