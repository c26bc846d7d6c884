package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class SizeConverterTest {
    @Test
    void convert_sizes_areInBytes() {
        SizeConverter converter = new SizeConverter();
        assertThat(converter.convert("2g")).isEqualTo(2L << 30);
        assertThat(converter.convert("1.5GiB")).isEqualTo(3L << 29);
        assertThat(converter.convert("512 MB")).isEqualTo(512L << 20);
        assertThat(converter.convert("1t")).isEqualTo(1L << 40);
        assertThat(converter.convert("12345")).isEqualTo(12345);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "g", "-1g", "2x", "0", "1e9", "9999999t", "two"})
    void convert_nonsense_isRefused(String text) {
        assertThatThrownBy(() -> new SizeConverter().convert(text)).isInstanceOf(TypeConversionException.class);
    }
}
