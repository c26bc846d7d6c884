package org.veil4j.he.nn.layout;

import java.io.DataOutput;
import java.io.IOException;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.graph.TensorShape;

/**
 * Layouts as bytes: tag, shape, slots; of a slot layout also images, ciphertexts and the map. The map of all ciphertexts, one
 * after the other, is a sequence of runs: slots that are unused, or that count up by one. A run is its length times two, plus
 * one if it is used, then, if it is, how far its first number is from one above the last used one; numbers have seven bits a
 * byte. So a plain order takes a few bytes, and the worst map three bytes for two slots as long as jumps are short. Whatever is
 * read is checked as if an adversary had written it.
 */
final class LayoutFormat {
    static final String BATCH = "batch";
    static final String SLOTS = "slots";

    private LayoutFormat() {}

    static void writeHead(DataOutput out, TensorLayout layout) throws IOException {
        out.writeUTF(layout.tag());
        layout.shape().write(out);
        out.writeInt(layout.slots());
        if (!layout.isBatch()) {
            out.writeInt(layout.images());
            out.writeInt(layout.ciphertexts());
        }
    }

    static TensorLayout read(PayloadReader in, int slots) throws IOException {
        String tag = in.readUtf(16);
        if (!tag.equals(BATCH) && !tag.equals(SLOTS)) {
            throw in.corrupt("a layout that this version knows: " + BATCH + " or " + SLOTS, tag);
        }
        TensorShape shape = TensorShape.read(in);
        in.readInt("slots", slots, slots);
        if (tag.equals(BATCH)) {
            return new BatchLayout(shape, slots);
        }
        int images = in.readInt("images", 1, SlotLayout.MAX_SLOTS);
        int ciphertexts = in.readInt("ciphertexts", 1, Math.max(1, SlotLayout.MAX_SLOTS / slots));
        if ((long) images * shape.size() > (long) ciphertexts * slots) {
            throw in.corrupt("at least one slot for each element", ciphertexts + " ciphertexts of " + slots + " slots");
        }
        int[][] map = readMap(in, images * shape.size(), ciphertexts, slots);
        try {
            return SlotLayout.owning(shape, images, map);
        } catch (IllegalArgumentException e) {
            throw in.corrupt("a layout that holds every element", e.toString());
        }
    }

    static void writeMap(DataOutput out, int[][] map) throws IOException {
        int slots = map[0].length;
        long total = (long) map.length * slots;
        int expected = 0;
        for (long at = 0; at < total; ) {
            int place = at(map, at);
            long end = at + 1;
            while (end < total && at(map, end) == (place == SlotLayout.UNUSED ? place : place + (int) (end - at))) {
                end++;
            }
            writeNumber(out, 2 * (end - at) + (place == SlotLayout.UNUSED ? 0 : 1));
            if (place != SlotLayout.UNUSED) {
                long jump = (long) place - expected;
                writeNumber(out, jump << 1 ^ jump >> 63);
                expected = place + (int) (end - at);
            }
            at = end;
        }
    }

    private static int at(int[][] map, long place) {
        return map[(int) (place / map[0].length)][(int) (place % map[0].length)];
    }

    private static int[][] readMap(PayloadReader in, int places, int ciphertexts, int slots) throws IOException {
        int[][] map = new int[ciphertexts][];
        long total = (long) ciphertexts * slots;
        long expected = 0;
        for (long at = 0; at < total; ) {
            long word = readNumber(in);
            long length = word >>> 1;
            if (length < 1 || length > total - at) {
                throw in.corrupt("a run of 1 to " + (total - at) + " slots", Long.toString(length));
            }
            boolean used = (word & 1) != 0;
            if (used) {
                long folded = readNumber(in);
                expected += folded >>> 1 ^ -(folded & 1);
                if (expected < 0 || expected + length > places) {
                    throw in.corrupt("places 0 to " + (places - 1), expected + " and " + length + " from it");
                }
            }
            for (long end = at + length; at < end; at++) {
                int row = (int) (at / slots);
                if (at % slots == 0) {
                    map[row] = new int[slots];
                }
                map[row][(int) (at % slots)] = used ? (int) expected++ : SlotLayout.UNUSED;
            }
        }
        return map;
    }

    private static void writeNumber(DataOutput out, long value) throws IOException {
        long rest = value;
        while (rest > 0x7f) {
            out.writeByte((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.writeByte((int) rest);
    }

    /** A number below 2^35. */
    private static long readNumber(PayloadReader in) throws IOException {
        long value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int next = in.readUnsignedByte();
            value |= (long) (next & 0x7f) << shift;
            if (next <= 0x7f) {
                return value;
            }
        }
        throw in.corrupt("a number of at most five bytes", "a longer one");
    }
}
