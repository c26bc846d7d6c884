package org.veil4j.he.nn;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.EncryptedAlgebra;
import org.veil4j.he.ckks.CkksEvaluator;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.KeyPairMismatchException;
import org.veil4j.he.rlwe.ParameterMismatchException;

/**
 * Runs a compiled model on encrypted inputs. Has the weights, in the clear or encrypted, and evaluation keys; cannot decrypt
 * anything.
 * Immutable; one server may run several batches at a time, each takes the memory of the plan.
 */
public final class ModelServer {
    private static final Logger LOG = LogManager.getLogger(ModelServer.class);

    private final CompiledModel model;
    private final Program.Circuit<Ciphertext> circuit;
    private final @Nullable Fingerprint keyPair;

    private ModelServer(CompiledModel model, Program.Circuit<Ciphertext> circuit, @Nullable Fingerprint keyPair) {
        this.model = model;
        this.circuit = circuit;
        this.keyPair = keyPair;
    }

    /**
     * A server of one model for the owner of the keys, which are checked first, in a counted run of the plan (a fraction of a
     * second).
     *
     * @throws ParameterMismatchException if the keys belong to other parameters
     * @throws org.veil4j.he.rlwe.MissingEvaluationKeyException naming the first key that the model needs and that is missing or
     *     does not reach the level where it is used
     * @throws org.veil4j.he.rlwe.KeyPairMismatchException if the weights are encrypted under another key
     * @throws IllegalArgumentException if the model is the owner's, with weights that are still to be encrypted
     */
    public static ModelServer create(CompiledModel model, EvaluationKeys keys) {
        model.parameters().requireSame("evaluation keys", keys.parameters());
        if (model.isOwners()) {
            throw new IllegalArgumentException("model: is the owner's, its weights are not encrypted yet; encrypt it"
                    + " (encrypt-model) and serve what that gives");
        }
        Fingerprint keyPair = model.keyPair();
        if (keyPair != null) {
            KeyPairMismatchException.require(
                    "evaluation keys",
                    keyPair,
                    keys.keyPair(),
                    "use those that were made together with the key that encrypted the model");
        }
        keys.requireAll(model.keys());
        EncryptedAlgebra algebra = new EncryptedAlgebra(
                model.parameters(),
                new CkksEvaluator(model.parameters(), keys),
                model.program().plaintextForm());
        return new ModelServer(model, model.program().over(algebra), keys.keyPair());
    }

    /**
     * A server of one model for the owner of the keys in a file, all of which are read into memory. For more keys than fit, see
     * {@link #create} with an {@link org.veil4j.he.rlwe.EvaluationKeyFile}.
     *
     * @throws ParameterMismatchException if the keys belong to other parameters
     * @throws org.veil4j.he.rlwe.MissingEvaluationKeyException as {@link #create}
     * @throws org.veil4j.he.io.CorruptDataException if the file is damaged or of another kind
     */
    public static ModelServer open(CompiledModel model, Path evaluationKeyFile) throws IOException {
        try (FrameReader reader = FrameReader.open(evaluationKeyFile, FileKind.EVALUATION_KEYS)) {
            EvaluationKeys keys = EvaluationKeys.read(reader, model.parameters());
            reader.expectEnd();
            return create(model, keys);
        }
    }

    /** The model. */
    public CompiledModel model() {
        return model;
    }

    /**
     * Runs parts of the model on empty ciphertexts for about the given time. A server that has just started computes at a
     * fraction of its speed until the virtual machine has compiled its loops; about a second is enough.
     */
    public void warmUp(Duration time) {
        Program program = model.program();
        circuit.warmUp(
                Ciphertext.zero(model.parameters(), 1, program.inputLevel(), program.inputScale()), time.toNanos());
    }

    /**
     * Classifies a batch.
     *
     * @param input in the model's input layout, encrypted for this model
     * @return in the model's output layout
     * @throws ParameterMismatchException if the batch was encrypted for another model
     * @throws org.veil4j.he.rlwe.KeyPairMismatchException if it was encrypted under another key than evaluation keys and weights
     */
    public EncryptedTensor infer(EncryptedTensor input, InferenceListener listener) {
        if (!input.model().equals(model.fingerprint())) {
            throw new ParameterMismatchException("model of the input", model.fingerprint(), input.model());
        }
        if (!input.layout().equals(model.inputLayout())) {
            throw new IllegalArgumentException(
                    "input: has layout " + input.layout() + ", must have " + model.inputLayout());
        }
        for (Ciphertext c : input.ciphertexts()) {
            model.parameters().requireSame("input", c.parameters());
            if (c.level() != model.program().inputLevel() || c.degree() != 1) {
                throw new IllegalArgumentException("input: level " + c.level() + " and degree " + c.degree()
                        + ", must be " + model.program().inputLevel() + " and 1");
            }
        }
        requireKeyPair(input.keyPair());
        long start = System.nanoTime();
        EncryptedTensor output = new EncryptedTensor(
                model.outputLayout(),
                input.images(),
                model.fingerprint(),
                input.keyPair(),
                circuit.run(input.ciphertexts(), listener));
        LOG.info("inferred {} images in {} ms", input.images(), (System.nanoTime() - start) / 1_000_000);
        return output;
    }

    /** What does not say is believed, unless weights are encrypted. */
    private void requireKeyPair(@Nullable Fingerprint found) {
        if (keyPair != null && (found != null || model.keyPair() != null)) {
            KeyPairMismatchException.require(
                    "encrypted images", keyPair, found, "encrypt them with the key that the evaluation keys belong to");
        }
    }

    /**
     * Classifies all batches of a file, one in memory at a time.
     *
     * @return number of images
     */
    public int inferFile(Path input, Path output, InferenceListener listener) throws IOException {
        int images = 0;
        try (TensorFileReader reader = TensorFileReader.open(
                        input, FileKind.INPUT, model.parameters(), model.fingerprint(), model.inputLayout());
                TensorFileWriter writer = TensorFileWriter.create(
                        output,
                        FileKind.OUTPUT,
                        model.parameters(),
                        model.fingerprint(),
                        model.outputLayout(),
                        reader.keyPair())) {
            EncryptedTensor batch = reader.next();
            while (batch != null) {
                images += batch.images();
                writer.write(infer(batch, listener));
                batch = null; // before the next one is read: there is memory for one
                batch = reader.next();
            }
            writer.commit();
        } catch (UncheckedIOException e) { // evaluation keys that are damaged in their file
            throw e.getCause();
        }
        return images;
    }
}
