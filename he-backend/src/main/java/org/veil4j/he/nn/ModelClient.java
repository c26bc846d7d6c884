package org.veil4j.he.nn;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ckks.CkksEncoder;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.rlwe.Decryptor;
import org.veil4j.he.rlwe.Encryptor;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.KeyGenerator;
import org.veil4j.he.rlwe.KeyPairMismatchException;
import org.veil4j.he.rlwe.ParameterMismatchException;
import org.veil4j.he.rlwe.PublicKey;
import org.veil4j.he.rlwe.SecretKey;
import org.veil4j.he.rlwe.SecretKeyAccess;
import org.veil4j.he.rlwe.SecurityLevel;

/**
 * The owner of a secret key: makes keys, encrypts images (and a model, if it is to be secret), decrypts results. Keep it on the client's side: it holds the secret
 * key until it is closed. Safe for use by several threads.
 */
public final class ModelClient implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(ModelClient.class);
    private static final String SECRET_FRAME = "SKEY";

    private final ClientSpec spec;
    private final SecretKey secret;
    private final CkksEncoder encoder;
    private final Encryptor encryptor;
    private final Decryptor decryptor;

    private ModelClient(ClientSpec spec, SecretKey secret) {
        this.spec = spec;
        this.secret = secret;
        this.encoder = new CkksEncoder(spec.parameters());
        this.encryptor = Encryptor.symmetric(secret);
        this.decryptor = new Decryptor(secret);
    }

    /**
     * A client with a new secret key, of at least 128 bits of security.
     *
     * @throws IllegalArgumentException if the specification's parameters protect less
     */
    public static ModelClient create(ClientSpec spec) {
        return create(spec, SecurityLevel.BITS_128);
    }

    /**
     * A client with a new secret key.
     *
     * @param least security that the specification's parameters must have; {@link SecurityLevel#INSECURE_TEST}, for tests,
     *     accepts parameters that protect nothing
     * @throws IllegalArgumentException if they have less
     */
    public static ModelClient create(ClientSpec spec, SecurityLevel least) {
        int bits = spec.parameters().securityBits();
        if (bits < least.bits()) {
            throw new IllegalArgumentException("spec: its encryption parameters have "
                    + (bits == 0 ? "no security and protect nothing" : bits + " bits of security") + ", must have "
                    + least.bits() + "; ask for a specification that was not compiled for tests, or name "
                    + SecurityLevel.INSECURE_TEST + " if this is one");
        }
        return new ModelClient(spec, new KeyGenerator(spec.parameters()).secretKey());
    }

    /**
     * A client with a secret key from a file.
     *
     * @throws ParameterMismatchException if the key belongs to other parameters
     * @throws org.veil4j.he.io.CorruptDataException if the file is damaged or of another kind
     */
    public static ModelClient open(ClientSpec spec, Path secretKeyFile) throws IOException {
        try (FrameReader reader = FrameReader.open(secretKeyFile, FileKind.SECRET_KEY)) {
            reader.expectFrame(SECRET_FRAME);
            SecretKey key = SecretKey.read(reader.in(), spec.parameters(), SecretKeyAccess.token());
            reader.in().expectEnd();
            reader.expectEnd();
            return new ModelClient(spec, key);
        }
    }

    /** What this client was made for. */
    public ClientSpec spec() {
        return spec;
    }

    /** Writes the secret key, readable by the file's owner only. Whoever has it can decrypt everything. */
    public void writeSecretKey(Path file) throws IOException {
        try (FrameWriter writer =
                FrameWriter.create(file, FileKind.SECRET_KEY, spec.parameters().fingerprint())) {
            writer.beginFrame(SECRET_FRAME);
            secret.write(writer.out(), SecretKeyAccess.token());
            writer.endFrame();
            writer.commit();
        }
    }

    /** Makes the evaluation keys that the model asks for; they go to the server. */
    public EvaluationKeys evaluationKeys() {
        long start = System.nanoTime();
        EvaluationKeys keys = new KeyGenerator(spec.parameters()).evaluationKeys(secret, spec.keys());
        LOG.info("made {} evaluation keys in {} ms", keys.count(), (System.nanoTime() - start) / 1_000_000);
        return keys;
    }

    /**
     * Makes the evaluation keys and writes them to a file for the server, each as soon as it is there: they need not fit in
     * memory.
     *
     * @return bytes of the file
     */
    public long writeEvaluationKeys(Path file) throws IOException {
        try (FrameWriter writer = FrameWriter.create(
                file, FileKind.EVALUATION_KEYS, spec.parameters().fingerprint())) {
            writeEvaluationKeys(writer);
            writer.commit();
            return writer.bytesWritten();
        }
    }

    /** The same for a file that the caller opens and commits. */
    public void writeEvaluationKeys(FrameWriter writer) throws IOException {
        long start = System.nanoTime();
        new KeyGenerator(spec.parameters()).writeEvaluationKeys(secret, spec.keys(), writer);
        LOG.info(
                "made and wrote {} evaluation keys in {} ms",
                spec.keys().keyCount(spec.parameters()),
                (System.nanoTime() - start) / 1_000_000);
    }

    /** Makes a public key, with which others can encrypt images that only this client can decrypt. */
    public PublicKey publicKey() {
        return new KeyGenerator(spec.parameters()).publicKey(secret);
    }

    /** Makes a public key and writes it to a file, for those who encrypt images. */
    public void writePublicKey(Path file) throws IOException {
        ImageEncryptor.writePublicKey(publicKey(), file);
    }

    /**
     * Encrypts the weights of a model that was compiled with {@link WeightSecrecy#ENCRYPTED}: for a server that is to learn nothing
     * of them.
     *
     * @param owners the compiled model, in the clear
     * @return the same model, encrypted under this client's secret key. Memory: see {@link CompiledModel#workingBytes}
     * @throws ParameterMismatchException if it is another model than this client's
     * @throws IllegalArgumentException if its weights are not to be encrypted, or are already
     */
    public CompiledModel encryptModel(CompiledModel owners) {
        return new ModelEncryption(spec, secret, owners).model();
    }

    /**
     * The same into a file for the server, stage after stage: the encrypted weights need not fit in memory. The file appears
     * complete or not at all.
     *
     * @return bytes of the file
     */
    public long encryptModelTo(CompiledModel owners, Path file, InferenceListener listener) throws IOException {
        return new ModelEncryption(spec, secret, owners).write(file, listener);
    }

    /**
     * Encrypts a batch, see {@link ImageEncryptor#encrypt}; with the secret key, so that it takes half the bytes in files and has
     * less noise than with the public key.
     */
    public EncryptedTensor encrypt(ImageBatch images, @Nullable IntConsumer progress) {
        return images().encrypt(images, progress);
    }

    /** Encrypts any number of images into a file, see {@link ImageEncryptor#encryptTo}. */
    public long encryptTo(ImageBatch images, Path file, @Nullable IntConsumer progress) throws IOException {
        return images().encryptTo(images, file, progress);
    }

    /** Encrypts images with the secret key. */
    public ImageEncryptor images() {
        return new ImageEncryptor(spec, encoder, encryptor, secret.keyPair());
    }

    /**
     * Decrypts a result. Raw values carry noise that depends on the secret key: keep them; what is passed on should come from
     * {@link #decryptForPublication} (see SECURITY.md). Values near what the modulus holds are reported in the log, see
     * {@link ClientSpec#nearCapacity}.
     *
     * @return one row of outputs an image
     * @throws ParameterMismatchException if the result belongs to another model
     */
    public double[][] decrypt(EncryptedTensor output) {
        return outputs(output).raw();
    }

    /**
     * Decrypts a result to be passed on, see {@link DecryptedOutputs#forPublication}.
     *
     * @throws ParameterMismatchException if the result belongs to another model
     * @throws IllegalStateException if the precision is unknown, or too low for whole numbers
     */
    public PublishedOutputs decryptForPublication(EncryptedTensor output) {
        spec.requirePublishable();
        return outputs(output).forPublication();
    }

    /** Decrypts all results of a file, in the order of the images. */
    public double[][] decryptFile(Path file) throws IOException {
        return decryptOutputs(file).raw();
    }

    /**
     * Decrypts all results of a file, in the order of the images, for a reader who wants them both raw and to be passed on. The
     * file is read once, batch after batch: what stays in memory are its outputs in the clear.
     */
    public DecryptedOutputs decryptOutputs(Path file) throws IOException {
        List<DecryptedOutputs> batches = new ArrayList<>();
        try (TensorFileReader reader =
                TensorFileReader.open(file, FileKind.OUTPUT, spec.parameters(), spec.model(), spec.outputLayout())) {
            EncryptedTensor batch = reader.next();
            while (batch != null) {
                batches.add(outputs(batch));
                batch = reader.next();
            }
        }
        return DecryptedOutputs.joined(spec, batches);
    }

    private DecryptedOutputs outputs(EncryptedTensor output) {
        if (!output.model().equals(spec.model())) {
            throw new ParameterMismatchException("model of the result", spec.model(), output.model());
        }
        if (output.keyPair() != null) {
            KeyPairMismatchException.require(
                    "result", secret.keyPair(), output.keyPair(), "decrypt it with the secret key of that pair");
        }
        if (!output.layout().equals(spec.outputLayout())) {
            throw new IllegalArgumentException(
                    "result: has layout " + output.layout() + ", must have " + spec.outputLayout());
        }
        double[][] slots = new double[output.ciphertexts().size()][encoder.slots()];
        double[] noise = new double[slots.length];
        Workers.forEach(slots.length, c -> {
            double[] imaginary = new double[encoder.slots()];
            encoder.decode(decryptor.decrypt(output.ciphertexts().get(c)), slots[c], imaginary);
            noise[c] = Arrays.stream(imaginary).map(Math::abs).max().orElse(0);
        });
        double[][] rows = output.layout().unpack(slots, output.images());
        warn(rows);
        return new DecryptedOutputs(spec, rows, Arrays.stream(noise).max().orElse(0));
    }

    private void warn(double[][] rows) {
        int near = 0;
        for (double[] row : rows) {
            near += spec.nearCapacity(row) ? 1 : 0;
        }
        if (near > 0) {
            LOG.warn(
                    "{} of {} images have results near what the modulus holds; they may have wrapped around, do not"
                            + " rely on any of this batch",
                    near,
                    rows.length);
        }
    }

    /** Wipes the secret key. */
    @Override
    public void close() {
        secret.close();
    }
}
