package org.veil4j.he.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.rlwe.EvaluationKeyFile;
import org.veil4j.he.rlwe.SecurityLevel;

/** A server whose keys stay in their file. */
class KeysInFileInferenceTest {
    @TempDir
    Path folder;

    @Test
    void infer_keysInTheFile_equalsKeysInMemoryAndFindsDamage() throws IOException {
        Compilation compiled = ModelCompiler.compile(
                ReferenceNetwork.smallCryptoNet(new Random(1)),
                CompileOptions.builder()
                        .logN(10)
                        .security(SecurityLevel.INSECURE_TEST)
                        .build());
        Path keys = folder.resolve("evaluation.keys");
        Path inputs = folder.resolve("inputs.veil");
        Path outputs = folder.resolve("outputs.veil");
        try (ModelClient client = ModelClient.create(compiled.clientSpec(), SecurityLevel.INSECURE_TEST)) {
            assertThat(client.writeEvaluationKeys(keys)).isEqualTo(Files.size(keys));
            double[][] images = new double[3][compiled.model().inputShape().size()];
            images[1][5] = 1;
            client.encryptTo(ImageBatch.of(images), inputs, null);
            ModelServer.open(compiled.model(), keys).inferFile(inputs, outputs, InferenceListener.NONE);
            byte[] want = Files.readAllBytes(outputs);
            try (EvaluationKeyFile lazy =
                    EvaluationKeyFile.open(keys, compiled.model().parameters(), 1)) {
                assertThat(lazy.contents()).isEqualTo(compiled.model().keys());
                ModelServer server = ModelServer.create(compiled.model(), lazy);
                server.inferFile(inputs, outputs, InferenceListener.NONE);
                assertThat(Files.readAllBytes(outputs)).isEqualTo(want);
                byte[] bytes = Files.readAllBytes(keys);
                Files.write(keys, Arrays.copyOf(bytes, bytes.length - 1));
                assertThatThrownBy(() -> server.inferFile(inputs, outputs, InferenceListener.NONE))
                        .isInstanceOf(CorruptDataException.class)
                        .hasMessageContaining("the file has changed");
            }
        }
    }
}
