package org.veil4j.he.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.rlwe.SecurityLevel;

class DecryptedOutputsTest {
    private static final long SEED = 6;

    private static ClientSpec spec() {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(SEED));
        double[][] images = {
            ReferenceNetwork.random(new Random(SEED), graph.inputShape().size(), 1)
        };
        return ModelCompiler.compile(
                        graph,
                        CompileOptions.builder()
                                .logN(10)
                                .inputRange(-1, 1)
                                .security(SecurityLevel.INSECURE_TEST)
                                .build(),
                        ImageBatch.of(images))
                .clientSpec();
    }

    @Test
    void forPublication_joinedBatches_roundsAllByTheNoisiestAndLeavesTheRawOnes() {
        ClientSpec spec = spec();
        DecryptedOutputs quiet = new DecryptedOutputs(spec, new double[][] {{0.7, -0.3}, {1.25, -1e-9}}, 0x1p-40);
        DecryptedOutputs noisy = new DecryptedOutputs(spec, new double[][] {{Math.PI, -2}}, 0x1p-8);
        DecryptedOutputs joined = DecryptedOutputs.joined(spec, List.of(quiet, noisy));
        PublishedOutputs published = joined.forPublication();
        assertThat(quiet.forPublication().bits())
                .isEqualTo(spec.publishableBits())
                .isGreaterThan(5);
        assertThat(published.bits()).as("8 - 3, seed %d", SEED).isEqualTo(5);
        assertThat(published.rows()).isDeepEqualTo(new double[][] {{22 / 32.0, -10 / 32.0}, {1.25, 0}, {101 / 32.0, -2}
        });
        assertThat(joined.raw()).isDeepEqualTo(new double[][] {{0.7, -0.3}, {1.25, -1e-9}, {Math.PI, -2}});
        assertThat(joined.toString()).doesNotContain("3.14").contains("3 images");
    }

    @Test
    void forPublication_noiseAboveWholeNumbers_isRefused() {
        DecryptedOutputs wild = new DecryptedOutputs(spec(), new double[][] {{5}}, 0.5);
        assertThatThrownBy(wild::forPublication)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("too noisy");
    }
}
