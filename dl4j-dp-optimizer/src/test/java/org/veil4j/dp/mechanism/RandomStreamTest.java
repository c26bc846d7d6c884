package org.veil4j.dp.mechanism;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class RandomStreamTest {
    @Test
    void nextLong_stream_isAesOfTheCounter() throws Exception {
        byte[] key = java.security.MessageDigest.getInstance("SHA-256")
                .digest(ByteBuffer.allocate(10)
                        .put((byte) 'x')
                        .put((byte) 0)
                        .putLong(99)
                        .array());
        Cipher block = Cipher.getInstance("AES/ECB/NoPadding");
        block.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        RandomStream random = RandomStream.seededForTesting(99, "x");
        random.seek(-3);
        // Beyond the first buffer too.
        for (long counter = 0; counter < 3000; counter++) {
            ByteBuffer expected = ByteBuffer.wrap(block.doFinal(
                    ByteBuffer.allocate(16).putLong(-3).putLong(counter).array()));
            assertThat(random.nextLong()).as("counter %d", counter).isEqualTo(expected.getLong());
            assertThat(random.nextLong()).as("counter %d", counter).isEqualTo(expected.getLong());
        }
    }

    @Test
    void seek_back_repeats() {
        RandomStream random = RandomStream.secure();
        random.seek(7);
        long first = random.nextLong();
        random.seek(8);
        assertThat(random.nextLong()).isNotEqualTo(first);
        random.seek(7);
        assertThat(random.nextLong()).isEqualTo(first);
    }

    @Test
    void seeded_otherPurposeOrSeed_differs() {
        long word = RandomStream.seededForTesting(1, "noise").nextLong();
        assertThat(RandomStream.seededForTesting(1, "noise").nextLong()).isEqualTo(word);
        assertThat(RandomStream.seededForTesting(1, "sampling").nextLong()).isNotEqualTo(word);
        assertThat(RandomStream.seededForTesting(2, "noise").nextLong()).isNotEqualTo(word);
    }

    @Test
    void toString_anyKey_showsNothing() {
        RandomStream random = RandomStream.secure();
        String text = random.toString();
        random.seek(0);
        assertThat(text).isEqualTo(RandomStream.secure().toString());
        assertThat(text).doesNotContain(HexFormat.of().toHexDigits(random.nextLong()));
    }
}
