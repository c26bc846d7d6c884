package org.veil4j.he.nn;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ckks.CkksEncoder;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.nn.layout.TensorLayout;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.Decryptor;
import org.veil4j.he.rlwe.Encryptor;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.KeyGenerator;
import org.veil4j.he.rlwe.ParameterMismatchException;
import org.veil4j.he.rlwe.SecretKey;
import org.veil4j.he.rlwe.SecretKeyAccess;
import org.veil4j.he.rlwe.SecurityLevel;

/**
 * The owner of the data: makes keys, encrypts images, decrypts results. Keep it on the client's side: it holds the secret
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

    /**
     * Encrypts a batch: normalises each element and puts it where the input's layout says.
     *
     * @param images 1 to {@link ClientSpec#images} images of the model's input size
     * @param progress told the number of ciphertexts made, from several threads; may be null
     * @throws IllegalArgumentException if there are too many images, their size is wrong, or a value is NaN, infinite or outside
     *     of the specification's input range
     */
    public EncryptedTensor encrypt(ImageBatch images, @Nullable IntConsumer progress) {
        TensorLayout layout = spec.inputLayout();
        TensorShape shape = layout.shape();
        int count = images.count();
        layout.requireImages(count);
        if (images.size() != shape.size()) {
            throw new IllegalArgumentException(
                    "image size " + images.size() + ": must be " + shape.size() + ", the model's input " + shape);
        }
        List<@Nullable Ciphertext> ciphertexts = new ArrayList<>(Collections.nCopies(layout.ciphertexts(), null));
        AtomicInteger done = new AtomicInteger();
        Workers.forEach(layout.ciphertexts(), c -> {
            double[] slots = layout.pack((i, e) -> spec.normaliser().normalise(images, i, e), count, c);
            Ciphertext fresh = encryptor.encrypt(encoder.encode(slots, spec.inputLevel(), spec.inputScale()));
            synchronized (ciphertexts) {
                ciphertexts.set(c, fresh);
            }
            if (progress != null) {
                progress.accept(done.incrementAndGet());
            }
        });
        List<Ciphertext> finished = new ArrayList<>(ciphertexts.size());
        for (Ciphertext c : ciphertexts) {
            if (c == null) {
                throw new IllegalStateException("a ciphertext was left out");
            }
            finished.add(c);
        }
        return new EncryptedTensor(layout, count, spec.model(), finished);
    }

    /**
     * Encrypts any number of images into a file, batch after batch.
     *
     * @param progress told the number of ciphertexts made of all batches so far, from several threads; may be null
     * @return bytes of the file
     */
    public long encryptTo(ImageBatch images, Path file, @Nullable IntConsumer progress) throws IOException {
        try (TensorFileWriter writer =
                TensorFileWriter.create(file, FileKind.INPUT, spec.parameters(), spec.model(), spec.inputLayout())) {
            if (images.count() < 1) {
                throw new IllegalArgumentException("images=0: there must be at least one");
            }
            IntConsumer told = progress == null ? c -> {} : progress;
            int before = 0;
            for (int from = 0; from < images.count(); from += spec.images()) {
                ImageBatch part = images.slice(from, Math.min(images.count(), from + spec.images()));
                int earlier = before;
                writer.write(encrypt(part, c -> told.accept(earlier + c)));
                before += spec.inputLayout().ciphertexts();
            }
            writer.commit();
            return writer.bytesWritten();
        }
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
