package org.veil4j.he.nn.layout;

import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import org.veil4j.he.nn.graph.TensorShape;

/**
 * Elements of a few images anywhere in the slots, by an explicit map. An element may be in many slots: all get it, the first
 * one (of the lowest ciphertext) is read.
 */
public final class SlotLayout implements TensorLayout {
    /** Marks a slot that holds zero, or nothing of use. */
    public static final int UNUSED = -1;
    /** Most slots of all ciphertexts of a tensor. */
    public static final int MAX_SLOTS = 1 << 24;

    private final TensorShape shape;
    private final int images;
    private final int slots;
    private final int[][] map;
    /** For image * size + element the number ciphertext * slots + slot of the first place that has it. */
    private final int[] first;

    private SlotLayout(TensorShape shape, int images, int slots, int[][] map, int[] first) {
        this.shape = shape;
        this.images = images;
        this.slots = slots;
        this.map = map;
        this.first = first;
    }

    /**
     * A layout by its map.
     *
     * @param shape shape of one image's tensor
     * @param images images that a tensor holds, at least 1
     * @param map [ciphertext][slot], all of one length: image * shape.size() + element, or {@link #UNUSED}; copied
     * @throws IllegalArgumentException if the map is ragged, empty or over {@value #MAX_SLOTS} slots, names an image or element
     *     that there is not, or leaves an element of an image out
     */
    public static SlotLayout of(TensorShape shape, int images, int[][] map) {
        int[][] copy = new int[map.length][];
        for (int c = 0; c < map.length; c++) {
            copy[c] = map[c].clone();
        }
        return owning(shape, images, copy);
    }

    /** As {@link #of}, for a map that nobody else has. */
    static SlotLayout owning(TensorShape shape, int images, int[][] map) {
        if (map.length == 0 || map[0].length == 0) {
            throw new IllegalArgumentException("map: must have at least one ciphertext of at least one slot");
        }
        int slots = map[0].length;
        long places = (long) images * shape.size();
        long total = (long) map.length * slots;
        if (total > MAX_SLOTS) {
            throw new IllegalArgumentException("map: has " + total + " slots, must have at most " + MAX_SLOTS);
        }
        if (images < 1 || places > total) {
            throw new IllegalArgumentException("images=" + images + ": must be at least 1, and their " + shape
                    + " elements at most the " + total + " slots of all ciphertexts");
        }
        int[] first = new int[(int) places];
        Arrays.fill(first, UNUSED);
        for (int c = 0; c < map.length; c++) {
            if (map[c].length != slots) {
                throw new IllegalArgumentException(
                        "map[" + c + "]: has " + map[c].length + " slots, must have " + slots + " as map[0]");
            }
            for (int s = 0; s < slots; s++) {
                int place = map[c][s];
                if (place < UNUSED || place >= places) {
                    throw new IllegalArgumentException("map[" + c + "][" + s + "]=" + place + ": must be -1 to "
                            + (places - 1) + " for " + images + " images of shape " + shape);
                }
                if (place != UNUSED && first[place] == UNUSED) {
                    first[place] = c * slots + s;
                }
            }
        }
        for (int p = 0; p < first.length; p++) {
            if (first[p] == UNUSED) {
                throw new IllegalArgumentException("map: has no slot for element " + p % shape.size() + " of image "
                        + p / shape.size() + "; every element needs one");
            }
        }
        return new SlotLayout(shape, images, slots, map, first);
    }

    /** What is in a slot: image * shape().size() + element, or {@link #UNUSED}. */
    public int at(int ciphertext, int slot) {
        return map[ciphertext][slot];
    }

    /** The first slot that holds an element, as ciphertext * slots() + slot. */
    public int firstSlot(int image, int element) {
        return first[image * shape.size() + element];
    }

    @Override
    public String tag() {
        return LayoutFormat.SLOTS;
    }

    @Override
    public TensorShape shape() {
        return shape;
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public int images() {
        return images;
    }

    @Override
    public int ciphertexts() {
        return map.length;
    }

    @Override
    public double[] pack(Values values, int count, int ciphertext) {
        double[] packed = new double[slots];
        visit(count, ciphertext, (slot, image, element) -> packed[slot] = values.value(image, element));
        return packed;
    }

    @Override
    public double[][] unpack(double[][] decrypted, int count) {
        requireImages(count);
        double[][] rows = new double[count][shape.size()];
        for (int i = 0; i < count; i++) {
            for (int e = 0; e < rows[i].length; e++) {
                int place = firstSlot(i, e);
                rows[i][e] = decrypted[place / slots][place % slots];
            }
        }
        return rows;
    }

    @Override
    public void visit(int count, int ciphertext, Visitor visitor) {
        requireImages(count);
        int size = shape.size();
        int[] places = map[ciphertext];
        for (int s = 0; s < slots; s++) {
            int image = places[s] == UNUSED ? count : places[s] / size;
            if (image < count) {
                visitor.at(s, image, places[s] % size);
            }
        }
    }

    @Override
    public void write(DataOutput out) throws IOException {
        LayoutFormat.writeHead(out, this);
        LayoutFormat.writeMap(out, map);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof SlotLayout other
                && images == other.images
                && shape.equals(other.shape)
                && Arrays.deepEquals(map, other.map);
    }

    @Override
    public int hashCode() {
        return 31 * shape.hashCode() + Arrays.hashCode(first);
    }

    @Override
    public String toString() {
        return tag() + " of " + images + " x " + shape + " in " + map.length + " x " + slots;
    }
}
