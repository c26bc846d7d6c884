package org.veil4j.he.io;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;

/**
 * Reads one frame's payload, or a byte array, with hard limits: no array is allocated for a length that is beyond the
 * caller's maximum or beyond what is left. The counterpart of {@link java.io.DataOutput}. Not thread-safe.
 */
public final class PayloadReader {
    /** Delivers the payload's chunks. */
    interface Source {
        /** At most this many bytes are left behind the chunks delivered so far; Long.MAX_VALUE if unknown. */
        long bound();

        /** The offset behind the last chunk delivered. */
        long position();

        /** Delivers the next chunk to {@link PayloadReader#accept}; returns whether more follow. */
        boolean next(PayloadReader reader) throws IOException;
    }

    private final String name;
    private final Source source;
    private byte[] bytes = new byte[0];
    private int next;
    private int limit;
    private boolean last;
    private long before;

    PayloadReader(String name, Source source) {
        this.name = name;
        this.source = source;
    }

    /** Reads a byte array, which must not change meanwhile. */
    public static PayloadReader of(byte[] content) {
        PayloadReader reader = new PayloadReader("data", new Source() {
            @Override
            public long bound() {
                return 0;
            }

            @Override
            public long position() {
                return content.length;
            }

            @Override
            public boolean next(PayloadReader r) {
                throw new IllegalStateException("the array is the only chunk");
            }
        });
        reader.accept(content, content.length, true);
        return reader;
    }

    void reset() {
        next = 0;
        limit = 0;
        last = false;
        before = 0;
    }

    void accept(byte[] chunk, int length, boolean isLast) {
        bytes = chunk;
        next = 0;
        limit = length;
        last = isLast;
    }

    /** Reads one byte, 0 to 255. */
    public int readUnsignedByte() throws IOException {
        if (next == limit) {
            fill(1);
        }
        return bytes[next++] & 0xff;
    }

    /** Reads what {@code DataOutput.writeBoolean} wrote; any byte other than 0 and 1 is corrupt. */
    public boolean readBoolean() throws IOException {
        int value = readUnsignedByte();
        if (value > 1) {
            throw corrupt("0 or 1", Integer.toString(value));
        }
        return value == 1;
    }

    /** Reads what {@code DataOutput.writeInt} wrote. */
    public int readInt() throws IOException {
        if (limit - next >= 4) {
            next += 4;
            return ByteBuffer.wrap(bytes, next - 4, 4).getInt();
        }
        int value = 0;
        for (int i = 0; i < 4; i++) {
            value = (value << 8) | readUnsignedByte();
        }
        return value;
    }

    /** Reads what {@code DataOutput.writeLong} wrote. */
    public long readLong() throws IOException {
        long high = readInt();
        return (high << 32) | (readInt() & 0xffff_ffffL);
    }

    /** Reads what {@code DataOutput.writeDouble} wrote: any bits, NaN included. */
    public double readDouble() throws IOException {
        return Double.longBitsToDouble(readLong());
    }

    /**
     * Reads a double that must be finite.
     *
     * @param what the value's name for the message
     */
    public double readFinite(String what) throws IOException {
        double value = readDouble();
        if (!Double.isFinite(value)) {
            throw corrupt("a finite " + what, Double.toString(value));
        }
        return value;
    }

    /**
     * Reads an int that must lie in a range.
     *
     * @param what the value's name for the message
     * @param min least value
     * @param max largest value
     */
    public int readInt(String what, int min, int max) throws IOException {
        int value = readInt();
        if (value < min || value > max) {
            throw corrupt(what + " in [" + min + ", " + max + "]", Integer.toString(value));
        }
        return value;
    }

    /**
     * Reads an int that counts things of at least one byte each that follow in this frame.
     *
     * @param what the things' name for the message
     * @param max the caller's limit
     * @throws CorruptDataException if it is negative, over the limit, or more than the bytes that are left
     */
    public int readCount(String what, int max) throws IOException {
        return readCount(what, max, 1);
    }

    /**
     * Reads an int that counts things of a known least size that follow in this frame.
     *
     * @param what the things' name for the message
     * @param max the caller's limit
     * @param leastBytes the least number of bytes that one of them takes
     * @throws CorruptDataException if it is negative, over the limit, or more than the bytes that are left can hold
     */
    public int readCount(String what, int max, int leastBytes) throws IOException {
        int count = readInt();
        if (count < 0 || count > max) {
            throw corrupt("0 to " + max + " " + what, Integer.toString(count));
        }
        require((long) count * leastBytes);
        return count;
    }

    /**
     * Reads what {@code DataOutput.writeUTF} wrote.
     *
     * @param maxBytes the caller's limit on the encoded length
     */
    public String readUtf(int maxBytes) throws IOException {
        int length = readUnsignedByte() << 8;
        length |= readUnsignedByte();
        if (length > maxBytes) {
            throw corrupt("a text of at most " + maxBytes + " bytes", Integer.toString(length));
        }
        byte[] text = new byte[length + 2];
        text[0] = (byte) (length >> 8);
        text[1] = (byte) length;
        readFully(text, 2, length);
        try {
            return new DataInputStream(new ByteArrayInputStream(text)).readUTF();
        } catch (UTFDataFormatException e) {
            CorruptDataException corrupt = corrupt("a text", "bytes that are no UTF-8");
            corrupt.initCause(e);
            throw corrupt;
        }
    }

    /**
     * Reads bytes.
     *
     * @param length how many, as some length field said
     * @param max the caller's limit
     * @throws CorruptDataException if the length is negative, over the limit, or more than is left
     */
    public byte[] readBytes(long length, int max) throws IOException {
        if (length < 0 || length > max) {
            throw corrupt("0 to " + max + " bytes", Long.toString(length));
        }
        require(length);
        byte[] result = new byte[(int) length];
        readFully(result, 0, result.length);
        return result;
    }

    /** Fills a part of an array. */
    public void readFully(byte[] target, int offset, int length) throws IOException {
        int at = offset;
        int left = length;
        while (left > 0) {
            if (next == limit) {
                fill(left);
            }
            int step = Math.min(left, limit - next);
            System.arraycopy(bytes, next, target, at, step);
            next += step;
            at += step;
            left -= step;
        }
    }

    /**
     * Reads one limb of packed residues.
     *
     * @param residues filled with balanced residues
     * @param p the modulus, odd, below 2^52
     * @throws CorruptDataException if a stored residue is not below p
     */
    public void readResidues(double[] residues, long p) throws IOException {
        ResiduePacking.read(this, residues, p);
    }

    /**
     * Checks that a number of bytes can still be there, before anything is allocated for them.
     *
     * @throws CorruptDataException if it is more than is left in the frame, as far as that is known
     */
    public void require(long count) throws CorruptDataException {
        long left = (long) limit - next;
        if (!last) {
            long bound = source.bound();
            left = bound == Long.MAX_VALUE ? bound : left + bound;
        }
        if (count > left) {
            throw corrupt(count + " more bytes", "at most " + left);
        }
    }

    /** Checks that the payload has been read to its end. */
    public void expectEnd() throws IOException {
        while (next == limit && !last) {
            before += limit;
            source.next(this);
        }
        if (next != limit) {
            throw corrupt("the end of the frame", "more bytes");
        }
    }

    /** Returns an exception that says where the reader stands, for content that makes no sense to the caller. */
    public CorruptDataException corrupt(String expected, String found) {
        return new CorruptDataException(name, source.position() - (limit - next), expected, found);
    }

    long skipAll() throws IOException {
        while (!last) {
            before += limit;
            source.next(this);
        }
        next = limit;
        return before + limit;
    }

    private void fill(int wanted) throws IOException {
        while (next == limit) {
            if (last) {
                throw corrupt(wanted + " more bytes in the frame", "its end");
            }
            before += limit;
            source.next(this);
        }
    }
}
