package org.veil4j.he.nn;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.nn.layout.TensorLayout;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.ParameterMismatchException;
import org.veil4j.he.rlwe.RlweParameters;

/** Reads encrypted batches from a file one after the other. */
public final class TensorFileReader implements Closeable {
    private final FrameReader reader;
    private final RlweParameters parameters;
    private final Fingerprint model;
    private final TensorLayout layout;
    private final @Nullable Fingerprint keyPair;
    /** The first batch's frame, until it is read. */
    private @Nullable String first;

    private TensorFileReader(FrameReader reader, RlweParameters parameters, Fingerprint model, TensorLayout layout)
            throws IOException {
        this.reader = reader;
        this.parameters = parameters;
        this.model = model;
        this.layout = layout;
        first = reader.nextFrame();
        if (TensorFileWriter.KEY_PAIR_FRAME.equals(first)) {
            keyPair = Fingerprint.read(reader.in());
            reader.in().expectEnd();
            first = reader.nextFrame();
        } else {
            keyPair = null;
        }
    }

    /**
     * Opens a file of encrypted tensors.
     *
     * @param kind {@link FileKind#INPUT} or {@link FileKind#OUTPUT}
     * @param model fingerprint of the compiled model that the tensors must belong to
     * @param layout that the tensors must have; a file of earlier versions has the batch layout
     * @throws ParameterMismatchException if the file belongs to other parameters or to another model
     * @throws org.veil4j.he.io.CorruptDataException if the file is damaged or of another kind
     */
    public static TensorFileReader open(
            Path file, FileKind kind, RlweParameters parameters, Fingerprint model, TensorLayout layout)
            throws IOException {
        FrameReader reader = FrameReader.open(file, kind);
        try {
            if (!reader.parameters().equals(parameters.fingerprint())) {
                throw new ParameterMismatchException(
                        "file " + file.getFileName(), parameters.fingerprint(), reader.parameters());
            }
            if (!layout.isBatch()) {
                reader.expectFrame(TensorFileWriter.LAYOUT_FRAME);
                TensorLayout found = TensorLayout.read(reader.in(), layout.slots());
                reader.in().expectEnd();
                if (!found.equals(layout)) {
                    throw reader.in().corrupt("layout " + layout, found.toString());
                }
            }
            reader.expectFrame(TensorFileWriter.HEADER_FRAME);
            Fingerprint found = Fingerprint.read(reader.in());
            if (!found.equals(model)) {
                throw new ParameterMismatchException("model of file " + file.getFileName(), model, found);
            }
            TensorShape shape = TensorShape.read(reader.in());
            if (shape.size() != layout.shape().size()) {
                throw reader.in().corrupt("a tensor of " + layout.shape().size() + " elements", shape.toString());
            }
            reader.in().expectEnd();
            return new TensorFileReader(reader, parameters, model, layout);
        } catch (IOException | RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    /** Names the key pair that the tensors belong to; null where the file does not say. */
    public @Nullable Fingerprint keyPair() {
        return keyPair;
    }

    /** The next batch, or null after the last one. */
    public @Nullable EncryptedTensor next() throws IOException {
        String tag = first != null ? first : reader.nextFrame();
        first = null;
        if (tag == null) {
            return null;
        }
        PayloadReader in = reader.in();
        if (!tag.equals(TensorFileWriter.BATCH_FRAME)) {
            throw in.corrupt("a batch", "frame " + tag);
        }
        int images = in.readInt("images", 1, layout.images());
        int count = in.readInt("ciphertexts", layout.ciphertexts(), layout.ciphertexts());
        List<Ciphertext> ciphertexts = new ArrayList<>(count);
        for (int c = 0; c < count; c++) {
            ciphertexts.add(Ciphertext.read(in, parameters));
        }
        in.expectEnd();
        return new EncryptedTensor(layout, images, model, keyPair, ciphertexts);
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
