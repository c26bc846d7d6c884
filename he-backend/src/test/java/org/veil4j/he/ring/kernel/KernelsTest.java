package org.veil4j.he.ring.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class KernelsTest {
    @Test
    void get_anyMachine_choosesOneOfAllAndSaysWhy() {
        assertThat(Kernels.all()).contains(Kernels.get());
        assertThat(Kernels.description())
                .startsWith(Kernels.get().name() + ": ")
                .hasSizeGreaterThan(12);
        assertThat(Kernels.all()).extracting(PolyKernels::name).contains("plain", "vector", "scalar");
    }

    @Test
    void named_unknownKernels_areRefused() {
        assertThatThrownBy(() -> Kernels.named("gpu"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("veil4j.kernels=gpu: must be one of [plain, vector, scalar]");
    }

    @Test
    void selfTiming_scalarKernels_givesAnAnswerForPeople() {
        SelfTiming timing = SelfTiming.of(ScalarKernels.INSTANCE);
        assertThat(timing.description()).contains("us scalar").contains("plain loops");
    }

    @Test
    void kernels_afterTheFirstCall_allocateNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int n = 1 << 12;
        long prime = Patterns.primes(12).get(2);
        double p = (double) prime;
        double[] a = Patterns.random(n, prime, 1);
        double[] r = new double[n];
        double[] scratch = new double[n];
        double[][] terms = {a, a, a, a, a};
        double[] w = {1, 2, 3, 4, 5};
        long[] longs = new long[n];
        // Vectors are objects until the JIT has compiled the code: that is for the benchmark to check.
        for (String name : new String[] {"plain", "scalar"}) {
            PolyKernels k = Kernels.named(name);
            NttTransform ntt = k.ntt(12, prime);
            Runnable all = () -> {
                ntt.forward(a);
                ntt.inverse(a);
                k.reduce(r, a, p);
                k.reduceLongs(r, longs, p);
                k.add(r, a, a, p);
                k.subtract(r, a, a, p);
                k.negate(r, a);
                k.multiply(r, a, a, p);
                k.multiplyAdd(r, a, a, p);
                k.multiplyScalar(r, a, 5, p);
                k.multiplyScalarAdd(r, a, 5, p);
                k.subtractMultiplyScalar(r, a, a, 5, p);
                k.dot(r, terms, terms, 5, p);
                k.baseConvert(r, terms, w, 5, p);
                k.addWeighted(r, terms, w, 5, scratch, p);
                k.overflow(r, terms, w, 5, 0, r.length);
            };
            all.run();
            long id = Thread.currentThread().getId();
            threads.getThreadAllocatedBytes(id);
            long before = threads.getThreadAllocatedBytes(id);
            for (int i = 0; i < 20; i++) {
                all.run();
            }
            long allocated = threads.getThreadAllocatedBytes(id) - before;
            assertThat(allocated).as(name + " bytes in 20 rounds").isLessThan(n * 8L / 2);
        }
    }
}
