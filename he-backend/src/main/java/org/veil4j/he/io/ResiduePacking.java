package org.veil4j.he.io;

import java.io.DataOutput;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Packs balanced residues modulo p, stored as doubles, into as many bits each as p has: little-endian, first residue in the
 * lowest bits, padded to a whole byte at the end. Both directions take one pass with block buffers.
 */
public final class ResiduePacking {
    /** Words in a block buffer, 32 KiB. */
    private static final int BLOCK_WORDS = 1 << 12;

    /** Residues that are unpacked from one block buffer of at most 26 KiB. */
    private static final int BLOCK_RESIDUES = 1 << 12;

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private ResiduePacking() {}

    /**
     * Returns the bytes that a limb takes: ceil(count * bits / 8), where bits is the bit length of p.
     *
     * @param count how many residues
     * @param p the modulus, odd, 3 to 2^52
     */
    public static long packedBytes(long count, long p) {
        return (count * bits(p) + 7) / 8;
    }

    /**
     * Writes residues x as x mod p in [0, p).
     *
     * @param out where to
     * @param residues integers with |x| at most (p-1)/2
     * @param p the modulus, odd, 3 to 2^52
     * @throws IllegalArgumentException if a residue is not an integer in that range; part may have been written then
     */
    public static void write(DataOutput out, double[] residues, long p) throws IOException {
        int bits = bits(p);
        byte[] block = new byte[BLOCK_WORDS * 8];
        long half = (p - 1) / 2;
        long word = 0;
        int fill = 0;
        int at = 0;
        for (int i = 0; i < residues.length; i++) {
            long x = (long) residues[i];
            if (x != residues[i] || x > half || x < -half) {
                throw new IllegalArgumentException("residues[" + i + "]=" + residues[i] + ": must be an integer of"
                        + " magnitude at most (p-1)/2 = " + half);
            }
            long v = x + (p & (x >> 63));
            word |= v << fill;
            fill += bits;
            if (fill >= 64) {
                WORDS.set(block, at, word);
                at += 8;
                fill -= 64;
                word = v >>> (bits - fill);
                if (at == block.length) {
                    out.write(block, 0, at);
                    at = 0;
                }
            }
        }
        while (fill > 0) {
            block[at++] = (byte) word;
            word >>>= 8;
            fill -= 8;
        }
        out.write(block, 0, at);
    }

    /**
     * Reads residues.
     *
     * @param in from where
     * @param residues filled with the balanced residues, in [-(p-1)/2, (p-1)/2]; its length says how many
     * @param p the modulus, odd, 3 to 2^52
     * @throws CorruptDataException if a stored value is not below p, or if the frame ends
     */
    public static void read(PayloadReader in, double[] residues, long p) throws IOException {
        int bits = bits(p);
        in.require(packedBytes(residues.length, p));
        // Blocks of a multiple of eight residues begin with a byte; a residue has at most 52 bits, and its first is
        // among the
        // eight of a byte, so that it lies within the 64 bits from that byte on.
        byte[] block = new byte[BLOCK_RESIDUES / 8 * bits + Long.BYTES];
        for (int start = 0; start < residues.length; start += BLOCK_RESIDUES) {
            int count = Math.min(BLOCK_RESIDUES, residues.length - start);
            in.readFully(block, 0, (count * bits + 7) / 8);
            if (unpack(residues, start, count, block, bits, p) < 0) {
                long mask = (1L << bits) - 1;
                int bad = 0;
                while (value(block, bad * bits, mask) < p) {
                    bad++;
                }
                throw in.corrupt(
                        "residues below " + p, value(block, bad * bits, mask) + " as residue " + (start + bad));
            }
        }
    }

    /** Unpacks a block without a branch that depends on a residue; returns a negative number if one is not below p. */
    private static long unpack(double[] residues, int start, int count, byte[] block, int bits, long p) {
        long half = (p - 1) / 2;
        long mask = (1L << bits) - 1;
        long below = 0;
        for (int i = 0, at = 0; i < count; i++, at += bits) {
            long v = value(block, at, mask);
            below |= p - 1 - v;
            residues[start + i] = (double) (v - (p & ((half - v) >> 63)));
        }
        return below;
    }

    private static long value(byte[] block, int bit, long mask) {
        return ((long) WORDS.get(block, bit >>> 3) >>> (bit & 7)) & mask;
    }

    private static int bits(long p) {
        if (p < 3 || p > 1L << 52 || (p & 1) == 0) {
            throw new IllegalArgumentException("p=" + p + ": must be odd, from 3 to 2^52");
        }
        return 64 - Long.numberOfLeadingZeros(p);
    }
}
