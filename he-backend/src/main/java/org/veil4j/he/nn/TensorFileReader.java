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
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.ParameterMismatchException;
import org.veil4j.he.rlwe.RlweParameters;

/** Reads encrypted batches from a file one after the other. */
public final class TensorFileReader implements Closeable {
    private final FrameReader reader;
    private final RlweParameters parameters;
    private final Fingerprint model;
    private final TensorShape shape;

    private TensorFileReader(FrameReader reader, RlweParameters parameters, Fingerprint model, TensorShape shape) {
        this.reader = reader;
        this.parameters = parameters;
        this.model = model;
        this.shape = shape;
    }

    /**
     * Opens a file of encrypted tensors.
     *
     * @param kind {@link FileKind#INPUT} or {@link FileKind#OUTPUT}
     * @param model fingerprint of the compiled model that the tensors must belong to
     * @param elements elements that one image's tensor must have
     * @throws ParameterMismatchException if the file belongs to other parameters or to another model
     * @throws org.veil4j.he.io.CorruptDataException if the file is damaged or of another kind
     */
    public static TensorFileReader open(
            Path file, FileKind kind, RlweParameters parameters, Fingerprint model, int elements) throws IOException {
        FrameReader reader = FrameReader.open(file, kind);
        try {
            if (!reader.parameters().equals(parameters.fingerprint())) {
                throw new ParameterMismatchException(
                        "file " + file.getFileName(), parameters.fingerprint(), reader.parameters());
            }
            reader.expectFrame(TensorFileWriter.HEADER_FRAME);
            Fingerprint found = Fingerprint.read(reader.in());
            if (!found.equals(model)) {
                throw new ParameterMismatchException("model of file " + file.getFileName(), model, found);
            }
            TensorShape shape = PlanFormat.readShape(reader.in());
            if (shape.size() != elements) {
                throw reader.in().corrupt("a tensor of " + elements + " elements", shape.toString());
            }
            reader.in().expectEnd();
            return new TensorFileReader(reader, parameters, model, shape);
        } catch (IOException | RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    /** The next batch, or null after the last one. */
    public @Nullable EncryptedTensor next() throws IOException {
        String tag = reader.nextFrame();
        if (tag == null) {
            return null;
        }
        PayloadReader in = reader.in();
        if (!tag.equals(TensorFileWriter.BATCH_FRAME)) {
            throw in.corrupt("a batch", "frame " + tag);
        }
        int images = in.readInt("images", 1, parameters.n() / 2);
        int count = in.readInt("elements", shape.size(), shape.size());
        List<Ciphertext> elements = new ArrayList<>(count);
        for (int e = 0; e < count; e++) {
            elements.add(Ciphertext.read(in, parameters));
        }
        in.expectEnd();
        return new EncryptedTensor(shape, images, model, elements);
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
