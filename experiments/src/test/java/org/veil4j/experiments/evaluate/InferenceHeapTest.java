package org.veil4j.experiments.evaluate;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.veil4j.experiments.report.InsufficientHeapException;

class InferenceHeapTest {
    @Test
    void require_planLargerThanTheHeap_isRefusedWithBothFigures() {
        assertThatCode(() -> InferenceHeap.require(4L << 30, 5L << 30)).doesNotThrowAnyException();
        assertThatThrownBy(() -> InferenceHeap.require(4L << 30, 4L << 30))
                .isInstanceOf(InsufficientHeapException.class)
                .hasMessageContaining("heap=4.00 GiB")
                .hasMessageContaining("4.60 GiB")
                .hasMessageContaining("VEIL4J_HEAP=6g");
    }
}
