package org.veil4j.dp.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorFunctionTest {
    /** By a library of 30 digits. */
    @ParameterizedTest
    @CsvSource({
        "-8, 2.0",
        "-3, 1.9999779095030014146",
        "-0.7, 1.677801193837418473",
        "-0.2, 1.2227025892104784541",
        "0, 1.0",
        "0.1, 0.8875370839817151078",
        "0.46875, 0.50738652678206200841",
        "0.6, 0.39614390915207407744",
        "1, 0.15729920705028513066",
        "2.5, 0.00040695201744495893956",
        "4, 1.5417257900280018852e-8",
        "4.5, 1.9661604415428874763e-10",
        "10, 2.088487583762544757e-45",
        "26, 5.6631924088561428465e-296",
    })
    void erfc_highPrecisionValues_agree(double x, double expected) {
        assertThat(ErrorFunction.erfc(x)).isCloseTo(expected, within(4e-16 * expected));
    }

    @ParameterizedTest
    @CsvSource({
        "-10, 0.69314718055994530942",
        "-1, 0.61123231767807049464",
        "0.2, -0.25193223378261666096",
        "3, -10.720363041981112568",
        "30, -903.97411711064387808",
        "100, -10005.177585122664333",
        "1e6, -1000000000014.3878755",
        "1e150, -1.0e+300",
    })
    void logErfc_highPrecisionValues_agree(double x, double expected) {
        assertThat(ErrorFunction.logErfc(x)).isCloseTo(expected, within(4e-16 * Math.max(1, Math.abs(expected))));
    }

    @Test
    void erfc_wholeRange_agreesWithCommonsMath() {
        for (double x = -7; x < 26; x += 0.003) {
            double expected = Erf.erfc(x);
            assertThat(ErrorFunction.erfc(x)).as("erfc(%s)", x).isCloseTo(expected, within(3e-13 * expected));
        }
    }

    @Test
    void normal_bothTails_addUpToOne() {
        for (double z = 0; z < 9; z += 0.01) {
            assertThat(ErrorFunction.normal(z) + ErrorFunction.normal(-z)).isCloseTo(1, within(3e-16));
        }
        assertThat(ErrorFunction.normal(Double.NEGATIVE_INFINITY)).isZero();
        assertThat(ErrorFunction.normal(Double.POSITIVE_INFINITY)).isEqualTo(1);
    }
}
