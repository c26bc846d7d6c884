package org.veil4j.he.mlr;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.veil4j.he.ckks.CkksEncoder;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
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
    private static final String SECRET_FRAME = "SKEY";
    private static final String OWNER_FRAME = "FOWN";

    private final MlrPlan plan;
    private final FeatureScaling scaling;
    private final SecretKey secret;
    private final CkksEncoder encoder;
    private final Encryptor encryptor;
    private final Decryptor decryptor;

    private MlrClient(MlrPlan plan, FeatureScaling scaling, SecretKey secret) {
        this.plan = plan;
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
        return new MlrClient(plan, scaling, new KeyGenerator(plan.rlwe()).secretKey());
    }

    /**
     * A client from the files that {@link #writeSecretKey} and {@link #writeOwner} wrote.
     *
     * @throws ParameterMismatchException if a file belongs to other parameters or another plan
     * @throws org.veil4j.he.io.CorruptDataException if a file is damaged or of another kind
     */
    public static MlrClient open(MlrPlan plan, Path secretKeyFile, Path ownerFile) throws IOException {
        FeatureScaling scaling;
        try (FrameReader reader = FrameReader.open(ownerFile, FileKind.FEATURE_OWNER)) {
            reader.expectFrame(OWNER_FRAME);
            Fingerprint found = Fingerprint.read(reader.in());
            if (!found.equals(plan.fingerprint())) {
                throw new ParameterMismatchException(
                        "plan of file " + ownerFile.getFileName(), plan.fingerprint(), found);
            }
            scaling = FeatureScaling.read(reader.in());
            reader.in().expectEnd();
            reader.expectEnd();
        }
        try (FrameReader reader = FrameReader.open(secretKeyFile, FileKind.SECRET_KEY)) {
            reader.expectFrame(SECRET_FRAME);
            SecretKey key = SecretKey.read(reader.in(), plan.rlwe(), SecretKeyAccess.token());
            reader.in().expectEnd();
            reader.expectEnd();
            return new MlrClient(plan, scaling, key);
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
            plan.fingerprint().write(writer.out());
            scaling.write(writer.out());
            writer.endFrame();
            writer.commit();
        }
    }

    /** Makes the evaluation keys that the plan asks for; they go to the server. */
    public EvaluationKeys evaluationKeys() {
        long start = System.nanoTime();
        EvaluationKeys keys = new KeyGenerator(plan.rlwe()).evaluationKeys(secret, plan.keys());
        LOG.info("made {} evaluation keys in {} ms", keys.count(), (System.nanoTime() - start) / 1_000_000);
        return keys;
    }

    /**
     * Makes the evaluation keys and writes them to a file for the server.
     *
     * @return bytes of the file
     */
    public long writeEvaluationKeys(Path file) throws IOException {
        try (FrameWriter writer =
                FrameWriter.create(file, FileKind.EVALUATION_KEYS, plan.rlwe().fingerprint())) {
            evaluationKeys().write(writer);
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
                plan.fingerprint(),
                encrypt(plan.encoder().datasetShapes(), rows.datasetSlots()),
                encrypt(plan.startShapes(), rows.startSlots()));
    }

    private List<Ciphertext> encrypt(List<Shape> shapes, List<double[]> slots) {
        return Parallel.map(
                slots.size(),
                i -> encryptor.encrypt(encoder.encode(
                        slots.get(i), shapes.get(i).level(), shapes.get(i).scale())));
    }

    private double[][] decrypt(List<Ciphertext> vectors) {
        return plan.encoder()
                .weights(Parallel.map(vectors.size(), i -> encoder.decode(decryptor.decrypt(vectors.get(i)))));
    }

    /**
     * Decrypts weights and encrypts them anew, V at the level that the plan's next iteration starts from.
     *
     * @throws ParameterMismatchException if they belong to another plan
     * @throws IllegalArgumentException if the plan does not refresh after their iteration
     */
    public EncryptedWeights refresh(EncryptedWeights weights) {
        requirePlan("weights", weights.plan());
        if (!plan.refreshesAfter(weights.iteration())) {
            throw new IllegalArgumentException("iteration=" + weights.iteration() + ": must be one of "
                    + plan.refreshPoints() + ", after which the plan refreshes");
        }
        List<Ciphertext> all = weights.ciphertexts();
        int n = all.size() / 2;
        List<double[]> slots = new ArrayList<>(plan.encoder().weightSlots(decrypt(all.subList(0, n))));
        slots.addAll(plan.encoder().weightSlots(decrypt(all.subList(n, 2 * n))));
        List<Shape> shapes = plan.encoder().weightShapes(plan.levelBefore(weights.iteration() + 1));
        return new EncryptedWeights(plan.fingerprint(), weights.iteration(), encrypt(shapes, slots));
    }

    /**
     * Decrypts a head to raw weights. They carry noise that depends on the secret key: keep them, and publish only
     * {@link #decrypt(EncryptedHead, int) rounded} ones.
     *
     * @throws ParameterMismatchException if it belongs to another plan
     */
    public SoftmaxHead decryptRaw(EncryptedHead head) {
        requirePlan("head", head.plan());
        return scaling.head(decrypt(head.ciphertexts()), plan.settings().startWeight());
    }

    /**
     * Decrypts a head and rounds its weights, so that it may be published.
     *
     * @param bits weights become multiples of 2^-bits, 0 to 40; well below the bits that are right
     * @throws ParameterMismatchException if it belongs to another plan
     */
    public SoftmaxHead decrypt(EncryptedHead head, int bits) {
        return decryptRaw(head).rounded(bits);
    }

    private void requirePlan(String what, Fingerprint found) {
        if (!found.equals(plan.fingerprint())) {
            throw new ParameterMismatchException("plan of the " + what, plan.fingerprint(), found);
        }
    }

    /** Wipes the secret key. */
    @Override
    public void close() {
        secret.close();
    }
}
