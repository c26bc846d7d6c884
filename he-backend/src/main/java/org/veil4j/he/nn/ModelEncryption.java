package org.veil4j.he.nn;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.veil4j.he.circuit.PlaintextForm;
import org.veil4j.he.circuit.WeightEncryptor;
import org.veil4j.he.nn.packed.EncryptedWeights;
import org.veil4j.he.nn.packed.PackedEncryption;
import org.veil4j.he.nn.packed.StageFactors;
import org.veil4j.he.nn.packed.WeightFormat;
import org.veil4j.he.rlwe.ParameterMismatchException;
import org.veil4j.he.rlwe.SecretKey;

/** Encrypts an owner's model, stage after stage. */
final class ModelEncryption {
    private static final Logger LOG = LogManager.getLogger(ModelEncryption.class);

    private final CompiledModel owners;
    private final PackedProgram program;
    private final SecretKey secret;
    private final PackedEncryption encryption;

    /**
     * Prepares to encrypt.
     *
     * @throws ParameterMismatchException if the model is not the specification's
     * @throws IllegalArgumentException if its weights are not to be encrypted, or are already
     */
    ModelEncryption(ClientSpec spec, SecretKey secret, CompiledModel owners) {
        if (!(owners.program() instanceof PackedProgram packed)) {
            throw new IllegalArgumentException(
                    "model: has the batch layout; weights are encrypted in the packed layout only");
        }
        this.encryption = new PackedEncryption(
                owners.parameters(), packed.plan(), packed.ownedWeights(), new WeightEncryptor(secret));
        if (!owners.fingerprint().equals(spec.model())) {
            throw new ParameterMismatchException("model", spec.model(), owners.fingerprint());
        }
        this.owners = owners;
        this.program = packed;
        this.secret = secret;
    }

    private int stages() {
        return program.plan().stages().size();
    }

    private CompiledModel with(List<StageFactors> stages) {
        // How large values become follows from the weights, and stays with the owner.
        return new CompiledModel(
                program.with(new EncryptedWeights(owners.fingerprint(), secret.keyPair(), stages)), null);
    }

    /** The encrypted model, in memory. */
    CompiledModel model() {
        List<StageFactors> stages = new ArrayList<>();
        for (int s = 0; s < stages(); s++) {
            StageFactors factors = encryption.stage(s);
            stages.add(program.plaintextForm() == PlaintextForm.RESIDUES ? factors.expanded() : factors);
        }
        return with(stages);
    }

    /** Writes the encrypted model; in memory there is one stage at a time. Returns the bytes of the file. */
    long write(Path file, InferenceListener listener) throws IOException {
        long start = System.nanoTime();
        long bytes = with(List.of()).write(file, writer -> {
            for (int s = 0; s < stages(); s++) {
                WeightFormat.writeFrame(writer, encryption.stage(s));
                listener.progress(s, stages(), program.plan().stageNames().get(s), 1, 1);
            }
        });
        LOG.info("encrypted {} stages in {} ms", stages(), (System.nanoTime() - start) / 1_000_000);
        return bytes;
    }
}
