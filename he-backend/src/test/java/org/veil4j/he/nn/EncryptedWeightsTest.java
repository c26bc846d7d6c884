package org.veil4j.he.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.SecurityLevel;

/** A model whose weights only their owner knows: owner, client with a public key, and server, in memory and over files. */
class EncryptedWeightsTest {
    @TempDir
    Path folder;

    static CompileOptions.Builder options() {
        return CompileOptions.builder()
                .logN(10)
                .layout(LayoutChoice.PACKED)
                .weights(WeightSecrecy.ENCRYPTED)
                .inputRange(-1, 1)
                .security(SecurityLevel.INSECURE_TEST);
    }

    @Test
    void infer_encryptedWeightsAndPublicKey_equalLayerByLayer() {
        NetworkGraph graph = ReferenceNetwork.smallCryptoNet(new Random(21));
        double[][] images = {
            ReferenceNetwork.random(new Random(5), graph.inputShape().size(), 1)
        };
        Compilation compiled = ModelCompiler.compile(graph, options().build(), ImageBatch.of(images));
        double within = Math.pow(2, -compiled.clientSpec().estimatedPrecisionBits());
        assertThat(within).isLessThan(0x1p-12);
        try (ModelClient owner = ModelClient.create(compiled.clientSpec(), SecurityLevel.INSECURE_TEST)) {
            EvaluationKeys keys = owner.evaluationKeys();
            ModelServer server = ModelServer.create(owner.encryptModel(compiled.model()), keys);
            ImageEncryptor client = ImageEncryptor.of(compiled.clientSpec(), owner.publicKey());
            double[] have =
                    owner.decrypt(server.infer(client.encrypt(ImageBatch.of(images), null), InferenceListener.NONE))[0];
            double[] want = ReferenceNetwork.run(graph, images[0]);
            for (int o = 0; o < want.length; o++) {
                assertThat(have[o]).isCloseTo(want[o], within(within));
            }
        }
    }

    @Test
    void files_everyStepThroughFiles_givesTheSameAnswer() throws IOException {
        NetworkGraph graph = ReferenceNetwork.smallResidual(new Random(22));
        NetworkGraph plain = ReferenceNetwork.smallCryptoNet(new Random(22));
        assertThat(graph).isNotNull();
        double[][] images = {
            ReferenceNetwork.random(new Random(6), plain.inputShape().size(), 1)
        };
        Compilation compiled = ModelCompiler.compile(plain, options().build());
        Path owners = folder.resolve("model.veil");
        Path model = folder.resolve("encrypted.veil");
        Path keys = folder.resolve("evaluation.keys");
        Path open = folder.resolve("public.key");
        Path inputs = folder.resolve("inputs.veil");
        Path outputs = folder.resolve("outputs.veil");
        compiled.model().write(owners);
        try (ModelClient owner = ModelClient.create(compiled.clientSpec(), SecurityLevel.INSECURE_TEST)) {
            owner.writeEvaluationKeys(keys);
            owner.writePublicKey(open);
            assertThat(owner.encryptModelTo(CompiledModel.read(owners), model, InferenceListener.NONE))
                    .isEqualTo(Files.size(model));
            ImageEncryptor.open(compiled.clientSpec(), open).encryptTo(ImageBatch.of(images), inputs, null);
            ModelServer.open(CompiledModel.read(model), keys).inferFile(inputs, outputs, InferenceListener.NONE);
            double[] have = owner.decryptFile(outputs)[0];
            double[] want = ReferenceNetwork.run(plain, images[0]);
            for (int o = 0; o < want.length; o++) {
                assertThat(have[o]).isCloseTo(want[o], within(0x1p-10));
            }
        }
    }
}
