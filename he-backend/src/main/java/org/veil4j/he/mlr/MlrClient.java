package org.veil4j.he.mlr;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.veil4j.he.ckks.CkksEncoder;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.SoftmaxHead;
import org.veil4j.he.mlr.encoding.FeatureScaling;
import org.veil4j.he.mlr.encoding.MlrEncoding;
import org.veil4j.he.mlr.encoding.Shape;
import org.veil4j.he.ring.Parallel;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.Decryptor;
import org.veil4j.he.rlwe.Encryptor;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.KeyGenerator;
import org.veil4j.he.rlwe.ParameterMismatchException;
import org.veil4j.he.rlwe.SecretKey;
import org.veil4j.he.rlwe.SecretKeyAccess;

/**
 * The owner of the features: makes keys, prepares and encrypts rows, refreshes weights, decrypts the head. Keep it on the
 * client's side: it holds the secret key until it is closed, and statistics of the data. Safe for use by several threads.
 */
public final class MlrClient implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(MlrClient.class);
    private static final String ORIGIN_FRAME = "ORIG";
    private static final String SECRET_FRAME = "SKEY";
    private static final String OWNER_FRAME = "FOWN";

    private final MlrPlan plan;
    private final Origin origin;
    private final FeatureScaling scaling;
    private final SecretKey secret;
    private final CkksEncoder encoder;
    private final Encryptor encryptor;
    private final Decryptor decryptor;

    private MlrClient(MlrPlan plan, Origin origin, FeatureScaling scaling, SecretKey secret) {
        this.plan = plan;
        this.origin = origin;
        this.scaling = scaling;
        this.secret = secret;
        this.encoder = new CkksEncoder(plan.rlwe());
        this.encryptor = Encryptor.symmetric(secret);
        this.decryptor = new Decryptor(secret);
    }

    /**
     * A client with a new secret key.
     *
     * @param train the rows that the plan was made for
     * @throws IllegalArgumentException if the plan was made for other data
     */
    public static MlrClient create(MlrPlan plan, LabelledFeatures train) {
        FeatureScaling scaling = TrainingRows.scaling(plan, train);
        TrainingRows.requireFit(plan, scaling, train);
        return new MlrClient(plan, Origin.create(plan), scaling, new KeyGenerator(plan.rlwe()).secretKey());
    }

    /**
     * A client from the files that {@link #writeSecretKey} and {@link #writeOwner} wrote.
     *
     * @throws ParameterMismatchException if a file belongs to other parameters or another plan
     * @throws IllegalArgumentException if the two were not made together
     * @throws org.veil4j.he.io.CorruptDataException if a file is damaged or of another kind
     */
    public static MlrClient open(MlrPlan plan, Path secretKeyFile, Path ownerFile) throws IOException {
        FeatureScaling scaling;
        Origin origin;
        try (FrameReader reader = FrameReader.open(ownerFile, FileKind.FEATURE_OWNER)) {
            reader.expectFrame(OWNER_FRAME);
            origin = Origin.read(reader.in(), plan, "file " + ownerFile.getFileName());
            scaling = FeatureScaling.read(reader.in());
            reader.in().expectEnd();
            reader.expectEnd();
        }
        try (FrameReader reader = FrameReader.open(secretKeyFile, FileKind.SECRET_KEY)) {
            reader.expectFrame(ORIGIN_FRAME);
            String name = "file " + secretKeyFile.getFileName();
            origin.requireSame(name, Origin.read(reader.in(), plan, name), "file " + ownerFile.getFileName());
            reader.in().expectEnd();
            reader.expectFrame(SECRET_FRAME);
            SecretKey key = SecretKey.read(reader.in(), plan.rlwe(), SecretKeyAccess.token());
            reader.in().expectEnd();
            reader.expectEnd();
            return new MlrClient(plan, origin, scaling, key);
        }
    }

    /** The plan. */
    public MlrPlan plan() {
        return plan;
    }

    /** Writes the secret key, readable by the file's owner only. Whoever has it can decrypt everything. */
    public void writeSecretKey(Path file) throws IOException {
        try (FrameWriter writer =
                FrameWriter.create(file, FileKind.SECRET_KEY, plan.rlwe().fingerprint())) {
            writer.beginFrame(ORIGIN_FRAME);
            origin.write(writer.out());
            writer.endFrame();
            writer.beginFrame(SECRET_FRAME);
            secret.write(writer.out(), SecretKeyAccess.token());
            writer.endFrame();
            writer.commit();
        }
    }

    /** Writes how features were prepared and scaled, readable by the file's owner only: statistics of the data. */
    public void writeOwner(Path file) throws IOException {
        try (FrameWriter writer =
                FrameWriter.create(file, FileKind.FEATURE_OWNER, plan.rlwe().fingerprint())) {
            writer.beginFrame(OWNER_FRAME);
            origin.write(writer.out());
            scaling.write(writer.out());
            writer.endFrame();
            writer.commit();
        }
    }

    /** Makes the evaluation keys that the plan asks for; they go to the server. */
    public MlrKeys evaluationKeys() {
        long start = System.nanoTime();
        EvaluationKeys keys = new KeyGenerator(plan.rlwe()).evaluationKeys(secret, plan.keys());
        LOG.info("made {} evaluation keys in {} ms", keys.count(), (System.nanoTime() - start) / 1_000_000);
        return new MlrKeys(origin, keys);
    }

    /**
     * Makes the evaluation keys and writes them to a file for the server, each as soon as it is there: they need not fit in
     * memory.
     *
     * @return bytes of the file
     */
    public long writeEvaluationKeys(Path file) throws IOException {
        try (FrameWriter writer =
                FrameWriter.create(file, FileKind.EVALUATION_KEYS, plan.rlwe().fingerprint())) {
            writer.beginFrame(ORIGIN_FRAME);
            origin.write(writer.out());
            writer.endFrame();
            new KeyGenerator(plan.rlwe()).writeEvaluationKeys(secret, plan.keys(), writer);
            writer.commit();
            return writer.bytesWritten();
        }
    }

    /**
     * Prepares and encrypts the training rows, and the start weights if they are not zero.
     *
     * @param train the rows that this client was made for
     * @throws IllegalArgumentException if the plan was made for other data
     */
    public EncryptedDataset encrypt(LabelledFeatures train) {
        TrainingRows rows = TrainingRows.of(plan, scaling, train);
        return new EncryptedDataset(
                origin,
                encrypt(plan.encoder().datasetShapes(), rows.datasetSlots()),
                encrypt(plan.startShapes(), rows.startSlots()));
    }

    private List<Ciphertext> encrypt(List<Shape> shapes, List<double[]> slots) {
        double[] none = new double[encoder.slots()];
        return encrypt(shapes, slots, Collections.nCopies(slots.size(), none));
    }

    private List<Ciphertext> encrypt(List<Shape> shapes, List<double[]> real, List<double[]> imaginary) {
        return Parallel.map(
                real.size(),
                i -> encryptor.encrypt(encoder.encode(
                        real.get(i),
                        imaginary.get(i),
                        shapes.get(i).level(),
                        shapes.get(i).scale())));
    }

    /**
     * Weights in scaled units.
     *
     * @param real the weights with their noise
     * @param imaginary noise alone, see {@link WeightNoise}
     */
    private record Decrypted(double[][] real, double[][] imaginary) {}

    private Decrypted decrypt(List<Ciphertext> vectors) {
        List<double[][]> slots = Parallel.map(vectors.size(), i -> {
            double[][] parts = new double[2][encoder.slots()];
            encoder.decode(decryptor.decrypt(vectors.get(i)), parts[0], parts[1]);
            return parts;
        });
        MlrEncoding encoding = plan.encoder();
        return new Decrypted(
                encoding.weights(slots.stream().map(parts -> parts[0]).toList()),
                encoding.weights(slots.stream().map(parts -> parts[1]).toList()));
    }

    /**
     * Decrypts weights and encrypts them anew, V at the level that the plan's next iteration starts from. The imaginary part, which
     * is noise alone, goes along: it tells in the end how noisy the head is.
     *
     * @throws ParameterMismatchException if they belong to another plan
     * @throws IllegalArgumentException if they belong to another key set, or the plan does not refresh after their iteration
     */
    public EncryptedWeights refresh(EncryptedWeights weights) {
        origin.requireSame("weights", weights.origin(), "secret key");
        if (!plan.refreshesAfter(weights.iteration())) {
            throw new IllegalArgumentException("iteration=" + weights.iteration() + ": must be one of "
                    + plan.refreshPoints() + ", after which the plan refreshes");
        }
        List<Ciphertext> all = weights.ciphertexts();
        int n = all.size() / 2;
        List<double[]> real = new ArrayList<>();
        List<double[]> imaginary = new ArrayList<>();
        for (List<Ciphertext> matrix : List.of(all.subList(0, n), all.subList(n, 2 * n))) {
            Decrypted decrypted = decrypt(matrix);
            real.addAll(plan.encoder().weightSlots(decrypted.real));
            imaginary.addAll(plan.encoder().weightSlots(decrypted.imaginary));
        }
        List<Shape> shapes = plan.encoder().weightShapes(plan.levelBefore(weights.iteration() + 1));
        return new EncryptedWeights(origin, weights.iteration(), encrypt(shapes, real, imaginary));
    }

    /**
     * Decrypts a head to raw weights. They carry noise that depends on the secret key: keep them, and publish only
     * {@link #decrypt(EncryptedHead, int) rounded} ones.
     *
     * @throws ParameterMismatchException if it belongs to another plan
     * @throws IllegalArgumentException if it belongs to another key set
     */
    public SoftmaxHead decryptRaw(EncryptedHead head) {
        return scaling.head(decrypted(head).real, plan.settings().startWeight());
    }

    private Decrypted decrypted(EncryptedHead head) {
        origin.requireSame("head", head.origin(), "secret key");
        return decrypt(head.ciphertexts());
    }

    /** How noisy a head is. */
    WeightNoise noise(EncryptedHead head) {
        return WeightNoise.of(decrypted(head).imaginary, scaling);
    }

    /**
     * Decrypts a head and rounds its weights, so that it may be published: to multiples that are at least 8 times the largest error
     * that the measured noise makes expect. Rounding that is finer would publish noise, which depends on the secret key.
     *
     * @param bits weights become multiples of 2^-bits, 0 to 40
     * @throws ParameterMismatchException if it belongs to another plan
     * @throws IllegalArgumentException if it belongs to another key set, or the noise is too large for so many bits
     */
    public SoftmaxHead decrypt(EncryptedHead head, int bits) {
        Decrypted decrypted = decrypted(head);
        WeightNoise noise = WeightNoise.of(decrypted.imaginary, scaling);
        SoftmaxHead rounded =
                scaling.head(decrypted.real, plan.settings().startWeight()).rounded(bits);
        if (bits > noise.publishableBits()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "bits=%d: weights have errors up to about %.1g, and 2^-bits must be at least 8 times that; %s raw"
                            + " weights (--raw), which are never to be published",
                    bits,
                    noise.largest(),
                    noise.publishableBits() < 0
                            ? "raise the plan's scaleBits, or take"
                            : "take at most " + noise.publishableBits() + ", or"));
        }
        return rounded;
    }

    /** Wipes the secret key. */
    @Override
    public void close() {
        secret.close();
    }
}
