package org.veil4j.he.rlwe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.ring.Modulus;
import org.veil4j.he.ring.PrimeGenerator;

class RlweParametersTest {
    private static byte[] bytes(RlweParameters parameters) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        parameters.write(new DataOutputStream(out));
        return out.toByteArray();
    }

    @ParameterizedTest
    @CsvSource({
        "12, 106, 73, 56",
        "13, 214, 147, 114",
        "14, 430, 297, 230",
        "15, 868, 597, 462",
        "16, 1747, 1199, 929",
        "17, 3523, 2411, 1866"
    })
    void maxLogQP_tableOfThe2024Guideline_isReproduced(int logN, int b128, int b192, int b256) {
        assertThat(SecurityTable.maxLogQP(logN, SecurityLevel.BITS_128)).isEqualTo(b128);
        assertThat(SecurityTable.maxLogQP(logN, SecurityLevel.BITS_192)).isEqualTo(b192);
        assertThat(SecurityTable.maxLogQP(logN, SecurityLevel.BITS_256)).isEqualTo(b256);
        assertThat(SecurityTable.securityBits(logN, b256)).isEqualTo(256);
        assertThat(SecurityTable.securityBits(logN, b256 + 0.01)).isEqualTo(192);
        assertThat(SecurityTable.securityBits(logN, b192 + 0.01)).isEqualTo(128);
        assertThat(SecurityTable.securityBits(logN, b128 + 0.01)).isZero();
    }

    @Test
    void maxLogQP_ringOutsideTheTable_isZero() {
        assertThat(SecurityTable.maxLogQP(11, SecurityLevel.BITS_128)).isZero();
        assertThat(SecurityTable.maxLogQP(18, SecurityLevel.BITS_128)).isZero();
        assertThat(SecurityTable.maxLogQP(10, SecurityLevel.INSECURE_TEST)).isInfinite();
    }

    @Test
    void build_modulusOverTheTable_isRefusedWithBothNumbers() {
        RlweParametersBuilder builder = RlweParameters.builder()
                .logN(13)
                .moduliBits(45, 40, 40, 40)
                .specialBits(45, 45)
                .digits(2);
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("logQP=255.0")
                .hasMessageContaining("214");
    }

    @Test
    void build_firstSeedsOwnSet_isRefused() {
        int[] bits = new int[22];
        Arrays.fill(bits, 45);
        RlweParametersBuilder builder =
                RlweParameters.builder().logN(16).moduliBits(bits).digits(1);
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1747");
    }

    @Test
    void build_insecureLevel_isTakenOnlyByName() {
        RlweParametersBuilder builder = RlweParameters.builder().logN(10).moduliBits(40, 30);
        assertThatThrownBy(builder::build).isInstanceOf(IllegalArgumentException.class);
        RlweParameters parameters =
                builder.security(SecurityLevel.INSECURE_TEST).build();
        assertThat(parameters.securityBits()).isZero();
        assertThat(parameters.toString()).contains("INSECURE");
    }

    @Test
    void build_specialModulusBelowADigit_isRefused() {
        RlweParametersBuilder builder = RlweParameters.builder()
                .logN(10)
                .moduliBits(40, 40, 40, 40)
                .digits(2)
                .specialBits(40)
                .security(SecurityLevel.INSECURE_TEST);
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("logP=");
    }

    @Test
    void build_automaticSpecialPrimes_coverTheLargestDigitAndDiffer() {
        for (int digits = 1; digits <= 7; digits++) {
            RlweParameters p = RlweParameters.builder()
                    .logN(12)
                    .moduliBits(50, 36, 36, 36, 36, 36, 36)
                    .digits(digits)
                    .security(SecurityLevel.INSECURE_TEST)
                    .build();
            int size = p.digitSize();
            for (int from = 0; from < 7; from += size) {
                double digit = p.q().subBasis(from, Math.min(7, from + size)).logProduct();
                assertThat(p.p().logProduct()).as("digits=%d", digits).isGreaterThanOrEqualTo(digit);
            }
            assertThat(p.q().moduli()).doesNotContainAnyElementsOf(p.p().moduli());
        }
    }

    @Test
    void build_repeatedOrSharedPrimesOrBadValues_areRefused() {
        List<Modulus> primes = PrimeGenerator.generate(10, 40, 2, List.of());
        List<Modulus> twice = List.of(primes.get(0), primes.get(0));
        RlweParametersBuilder builder = RlweParameters.builder().logN(10).security(SecurityLevel.INSECURE_TEST);
        assertThatThrownBy(() -> builder.moduli(twice).build()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        builder.moduli(primes).digits(2).specialModuli(primes).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("specialModuli");
        assertThatThrownBy(() -> builder.digits(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.digits(3).build()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RlweParameters.builder().logN(9).moduliBits(30).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("logN=9");
        assertThatThrownBy(() -> RlweParameters.builder().logN(12).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("moduliBits");
    }

    @Test
    void read_whatWasWritten_isEqual() throws IOException {
        RlweParameters p = Fixtures.parameters(10, 5, 2);
        RlweParameters read = RlweParameters.read(PayloadReader.of(bytes(p)));
        assertThat(read).isEqualTo(p);
        assertThat(read.fingerprint()).isEqualTo(p.fingerprint());
        assertThat(Fixtures.parameters(10, 5, 3)).isNotEqualTo(p);
    }

    @Test
    void read_truncatedOrChanged_isCorruptOrAnotherSet() throws IOException {
        RlweParameters p = Fixtures.parameters(10, 2, 2);
        byte[] good = bytes(p);
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> RlweParameters.read(PayloadReader.of(cut)))
                    .as("length %d", length)
                    .isInstanceOf(CorruptDataException.class);
        }
        for (int bit = 0; bit < 8 * good.length; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << (bit % 8));
            try {
                assertThat(RlweParameters.read(PayloadReader.of(bad)))
                        .as("bit %d", bit)
                        .isNotEqualTo(p);
            } catch (CorruptDataException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }
}
