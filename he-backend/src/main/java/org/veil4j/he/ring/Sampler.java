package org.veil4j.he.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Random residues and coefficients from a seed. The source is the AES-256 counter-mode key stream whose key is the seed and
 * whose first counter block is the stream number (8 bytes, big-endian) and 8 zero bytes, read as little-endian 8-byte words.
 * The same seed, stream and calls give the same values in every version: files rely on it. Not thread-safe; cheap to create.
 */
public final class Sampler {
    /** Standard deviation of {@link #gaussian}. */
    public static final double SIGMA = 3.2;

    private static final int BUFFER_BYTES = 1 << 14;
    private static final int BATCH = 1024;
    private static final byte[] ZEROS = new byte[BUFFER_BYTES];
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /**
     * Entry k is 2^63 P(|X| at most k), rounded, for the discrete Gaussian X over the integers with parameter 3.2. What lies
     * beyond the last entry has a probability below 2^-61 and is drawn as 29, 9 standard deviations out.
     */
    private static final long[] GAUSSIAN = {
        1149872835429266008L,
        3340023666152832878L,
        5231742854224525755L,
        6713673034491318534L,
        7766573326200196559L,
        8445050402542556634L,
        8841576285654612683L,
        9051758678878186096L,
        9152802451769415979L,
        9196859074767746705L,
        9214281206174004120L,
        9220529764022708441L,
        9222562339745873206L,
        9223161995634596964L,
        9223322447917711088L,
        9223361386320111733L,
        9223369956674611012L,
        9223371667508612691L,
        9223371977254386295L,
        9223372028116140532L,
        9223372035690845298L,
        9223372036713969870L,
        9223372036839307001L,
        9223372036853232778L,
        9223372036854636068L,
        9223372036854764320L,
        9223372036854774951L,
        9223372036854775750L,
        9223372036854775804L
    };

    private final Cipher cipher;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position = BUFFER_BYTES;

    /** Stream 0 of a seed. */
    public Sampler(Seed seed) {
        this(seed, 0);
    }

    /**
     * One of the 2^64 independent streams of a seed.
     *
     * @param stream any number
     */
    public Sampler(Seed seed, long stream) {
        try {
            cipher = Cipher.getInstance("AES/CTR/NoPadding");
            byte[] block = ByteBuffer.allocate(16).putLong(stream).array();
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(seed.toBytes(), "AES"), new IvParameterSpec(block));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES/CTR: must be in every Java runtime; repair the installation", e);
        }
    }

    private void refill() {
        try {
            cipher.update(ZEROS, 0, BUFFER_BYTES, buffer, 0);
        } catch (ShortBufferException e) {
            throw new IllegalStateException("buffer=" + BUFFER_BYTES + ": counter mode keeps lengths", e);
        }
        position = 0;
    }

    private long word() {
        if (position == BUFFER_BYTES) {
            refill();
        }
        long word = (long) WORDS.get(buffer, position);
        position += Long.BYTES;
        return word;
    }

    /**
     * Uniform residues. Each word x, its top bit cleared, gives floor(x p / 2^63) - (p-1)/2 unless (x p mod 2^63) is below
     * (2^63 mod p), in which case it is skipped: exactly uniform, with fewer than one word in 2^13 skipped.
     *
     * @param limb receives balanced residues
     */
    public void uniform(double[] limb, Modulus m) {
        long p = m.value();
        long half = p >> 1;
        long reject = Long.remainderUnsigned(1L << 63, p);
        int i = 0;
        while (i < limb.length) {
            if (position == BUFFER_BYTES) {
                refill();
            }
            int words = Math.min((BUFFER_BYTES - position) / Long.BYTES, limb.length - i);
            int at = position;
            for (int j = 0; j < words; j++, at += Long.BYTES) {
                long x = (long) WORDS.get(buffer, at) & Long.MAX_VALUE;
                limb[i] = (double) (Math.multiplyHigh(x, p << 1) - half);
                // 1 when accepted: the difference is negative when x p mod 2^63 is below the bound.
                i += 1 - (int) (((x * p & Long.MAX_VALUE) - reject) >>> 63);
            }
            position = at;
        }
    }

    /**
     * Uniform coefficients from -1, 0, 1. The bytes of each word, lowest first, give byte mod 3 - 1; a byte of 255 is
     * skipped; what is left of the last word is dropped.
     */
    public void ternary(double[] c) {
        int i = 0;
        while (i < c.length) {
            long word = word();
            for (int b = 0; b < Long.BYTES && i < c.length; b++) {
                int x = (int) (word >>> (8 * b)) & 255;
                int third = (x * 171) >> 9;
                c[i] = x - 3 * third - 1;
                i += 1 - ((254 - x) >>> 31);
            }
        }
    }

    /**
     * Discrete Gaussian coefficients, parameter 3.2: the top bit of a word is the sign, the others are compared with every
     * entry of a table of the cumulative distribution, so that neither the time nor the memory touched depends on the
     * values.
     */
    public void gaussian(double[] c) {
        long[] uniform = new long[BATCH];
        long[] count = new long[BATCH];
        for (int start = 0; start < c.length; start += BATCH) {
            int length = Math.min(BATCH, c.length - start);
            for (int i = 0; i < length; i++) {
                uniform[i] = word();
            }
            count(uniform, count);
            for (int i = 0; i < length; i++) {
                long sign = uniform[i] >> 63;
                c[start + i] = (double) ((count[i] ^ sign) - sign);
            }
        }
        java.util.Arrays.fill(uniform, 0);
        java.util.Arrays.fill(count, 0);
    }

    private static void count(long[] uniform, long[] count) {
        java.util.Arrays.fill(count, 0);
        for (long entry : GAUSSIAN) {
            for (int i = 0; i < count.length; i++) {
                count[i] += (entry - 1 - (uniform[i] & Long.MAX_VALUE)) >>> 63;
            }
        }
    }

    /**
     * Fills a polynomial with uniform residues: limb i from stream i, so that limbs expand independently, in parallel, and
     * do not depend on how many there are.
     */
    public static void uniform(RnsPoly r, Seed seed) {
        Workers.forEach(
                r.size(), i -> new Sampler(seed, i).uniform(r.limb(i), r.basis().modulus(i)));
    }
}
