package org.veil4j.he.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResiduePackingTest {
    private static final long SEED = 20261121;

    @ParameterizedTest
    @CsvSource({
        "3, 1000",
        "5, 7",
        "12289, 4096",
        "1048583, 1",
        "536903681, 33000",
        "1125899906842597, 40000",
        "562949953421311, 4097",
        "4503599627370449, 5000",
        "65537, 0"
    })
    void read_whatWriteWrote_isTheSame(long p, int count) throws IOException {
        double[] residues = residues(p, count);
        byte[] packed = pack(residues, p);
        assertThat((long) packed.length).isEqualTo(ResiduePacking.packedBytes(count, p));
        double[] back = new double[count];
        PayloadReader in = PayloadReader.of(packed);
        in.readResidues(back, p);
        in.expectEnd();
        assertThat(back).as("seed %d", SEED).isEqualTo(residues);
    }

    @Test
    void write_knownValues_isLittleEndianBitString() throws IOException {
        // 13-bit modulus: 1, -1 (12288), 0, 6144
        byte[] packed = pack(new double[] {1, -1, 0, 6144}, 12289);
        // 14 bits each, lowest first
        BigInteger bits = BigInteger.ONE
                .or(BigInteger.valueOf(12288).shiftLeft(14))
                .or(BigInteger.valueOf(6144).shiftLeft(42));
        byte[] big = new byte[7];
        byte[] value = bits.toByteArray();
        for (int i = 0; i < value.length && i < big.length; i++) {
            big[i] = value[value.length - 1 - i];
        }
        assertThat(packed).isEqualTo(big);
    }

    @ParameterizedTest
    @ValueSource(doubles = {6145, -6145, 0.5, Double.NaN, Double.POSITIVE_INFINITY, 1e300})
    void write_notABalancedResidue_isRefused(double x) {
        assertThatThrownBy(() -> pack(new double[] {0, x}, 12289))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("residues[1]=" + x);
    }

    @Test
    void read_valueNotBelowTheModulus_isCorrupt() {
        byte[] ones = new byte[64];
        Arrays.fill(ones, (byte) 0xff);
        assertThatThrownBy(() -> PayloadReader.of(ones).readResidues(new double[8], 12289))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("below 12289");
    }

    @Test
    void read_tooFewBytes_isCorrupt() {
        assertThatThrownBy(() -> PayloadReader.of(new byte[13]).readResidues(new double[8], 12289))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("14 more bytes");
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 4, -3, 1, Long.MAX_VALUE})
    void packedBytes_modulusOutOfRange_isRefused(long p) {
        assertThatThrownBy(() -> ResiduePacking.packedBytes(8, p)).isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] pack(double[] residues, long p) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ResiduePacking.write(new DataOutputStream(bytes), residues, p);
        return bytes.toByteArray();
    }

    private static double[] residues(long p, int count) {
        Random random = new Random(SEED);
        long half = (p - 1) / 2;
        double[] residues = new double[count];
        for (int i = 0; i < count; i++) {
            residues[i] = i % 5 == 0 ? half : i % 5 == 1 ? -half : i % 5 == 2 ? 0 : random.nextLong(-half, half + 1);
        }
        return residues;
    }
}
