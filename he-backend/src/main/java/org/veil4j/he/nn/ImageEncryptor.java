package org.veil4j.he.nn;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ckks.CkksEncoder;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.nn.layout.TensorLayout;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.Encryptor;
import org.veil4j.he.rlwe.PublicKey;

/**
 * Encrypts images for a model: with the public key of an owner, who alone can decrypt them and the results. Holds no secret when
 * made here. Safe for use by several threads.
 */
public final class ImageEncryptor {
    private static final String PUBLIC_FRAME = "PKEY";

    private final ClientSpec spec;
    private final CkksEncoder encoder;
    private final Encryptor encryptor;
    private final Fingerprint keyPair;

    ImageEncryptor(ClientSpec spec, CkksEncoder encoder, Encryptor encryptor, Fingerprint keyPair) {
        this.spec = spec;
        this.encoder = encoder;
        this.encryptor = encryptor;
        this.keyPair = keyPair;
    }

    /**
     * Encrypts with a public key.
     *
     * @throws org.veil4j.he.rlwe.ParameterMismatchException if the key belongs to other parameters
     */
    public static ImageEncryptor of(ClientSpec spec, PublicKey key) {
        spec.parameters().requireSame("public key", key.parameters());
        return new ImageEncryptor(spec, new CkksEncoder(spec.parameters()), Encryptor.publicKey(key), key.keyPair());
    }

    /**
     * Encrypts with a public key from a file.
     *
     * @throws org.veil4j.he.rlwe.ParameterMismatchException if the key belongs to other parameters
     * @throws org.veil4j.he.io.CorruptDataException if the file is damaged or of another kind
     */
    public static ImageEncryptor open(ClientSpec spec, Path publicKeyFile) throws IOException {
        try (FrameReader reader = FrameReader.open(publicKeyFile, FileKind.PUBLIC_KEY)) {
            reader.expectFrame(PUBLIC_FRAME);
            PublicKey key = PublicKey.read(reader.in(), spec.parameters());
            reader.in().expectEnd();
            reader.expectEnd();
            return of(spec, key);
        }
    }

    /** Writes a public key to a file, which appears complete or not at all. */
    static void writePublicKey(PublicKey key, Path file) throws IOException {
        try (FrameWriter writer =
                FrameWriter.create(file, FileKind.PUBLIC_KEY, key.parameters().fingerprint())) {
            writer.beginFrame(PUBLIC_FRAME);
            key.write(writer.out());
            writer.endFrame();
            writer.commit();
        }
    }

    /** What images are encrypted for. */
    public ClientSpec spec() {
        return spec;
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
        return new EncryptedTensor(layout, count, spec.model(), keyPair, finished);
    }

    /**
     * Encrypts any number of images into a file, batch after batch.
     *
     * @param progress told the number of ciphertexts made of all batches so far, from several threads; may be null
     * @return bytes of the file
     */
    public long encryptTo(ImageBatch images, Path file, @Nullable IntConsumer progress) throws IOException {
        try (TensorFileWriter writer = TensorFileWriter.create(
                file, FileKind.INPUT, spec.parameters(), spec.model(), spec.inputLayout(), keyPair)) {
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
}
