package org.veil4j.he.rlwe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LimbPoolTest {
    @Test
    void take_afterGive_handsOutTheSameArray() {
        LimbPool pool = LimbPool.of(1 << 5); // no ring has this degree: nobody else takes from it
        double[] array = pool.take();
        assertThat(array).hasSize(32);
        assertThat(pool.take()).isNotSameAs(array);
        pool.give(array);
        assertThat(pool.take()).isSameAs(array);
    }

    @Test
    void give_arrayOfAnotherLength_isRefused() {
        LimbPool pool = LimbPool.of(1 << 6);
        assertThatThrownBy(() -> pool.give(new double[65]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("length=65");
        assertThat(pool.take()).hasSize(64);
    }
}
