package org.veil4j.he.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FingerprintTest {
    @Test
    void of_knownText_isItsSha256() throws IOException {
        Fingerprint abc = Fingerprint.of("abc".getBytes(StandardCharsets.US_ASCII));
        assertThat(abc.toHex()).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(abc.shortHex()).isEqualTo("ba7816bf8f01").isEqualTo(abc.toString());
        assertThat(abc)
                .isEqualTo(Fingerprint.ofDigest(abc.bytes()))
                .hasSameHashCodeAs(Fingerprint.ofDigest(abc.bytes()));
        assertThat(abc).isNotEqualTo(Fingerprint.of(new byte[0]));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        abc.write(new DataOutputStream(bytes));
        assertThat(Fingerprint.read(PayloadReader.of(bytes.toByteArray()))).isEqualTo(abc);
    }

    @Test
    void ofDigest_wrongLength_isRefused() {
        assertThatThrownBy(() -> Fingerprint.ofDigest(new byte[31])).isInstanceOf(IllegalArgumentException.class);
    }
}
