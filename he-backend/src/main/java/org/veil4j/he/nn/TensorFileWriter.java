package org.veil4j.he.nn;

import java.io.Closeable;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Writes encrypted batches to a file one after the other, so that the file may be larger than memory. Nothing appears
 * under the file's name before {@link #commit}.
 */
public final class TensorFileWriter implements Closeable {
    static final String HEADER_FRAME = "HEAD";
    static final String BATCH_FRAME = "BTCH";

    private final FrameWriter writer;
    private final Fingerprint model;
    private final TensorShape shape;

    private TensorFileWriter(FrameWriter writer, Fingerprint model, TensorShape shape) {
        this.writer = writer;
        this.model = model;
        this.shape = shape;
    }

    /**
     * Starts a file of encrypted tensors.
     *
     * @param kind {@link FileKind#INPUT} or {@link FileKind#OUTPUT}
     * @param model fingerprint of the compiled model that the tensors belong to
     * @param shape shape of one image's tensor
     */
    public static TensorFileWriter create(
            Path file, FileKind kind, RlweParameters parameters, Fingerprint model, TensorShape shape)
            throws IOException {
        FrameWriter writer = FrameWriter.create(file, kind, parameters.fingerprint());
        try {
            writer.beginFrame(HEADER_FRAME);
            model.write(writer.out());
            PlanFormat.writeShape(writer.out(), shape);
            writer.endFrame();
            return new TensorFileWriter(writer, model, shape);
        } catch (IOException | RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    /** Appends a batch. */
    public void write(EncryptedTensor batch) throws IOException {
        if (!batch.model().equals(model) || !batch.shape().equals(shape)) {
            throw new IllegalArgumentException("batch: of shape " + batch.shape() + " and model "
                    + batch.model().shortHex() + ", must be " + shape + " and " + model.shortHex());
        }
        writer.beginFrame(BATCH_FRAME);
        DataOutput out = writer.out();
        out.writeInt(batch.images());
        out.writeInt(batch.elements().size());
        for (Ciphertext c : batch.elements()) {
            c.write(out);
        }
        writer.endFrame();
    }

    /** Bytes written so far. */
    public long bytesWritten() {
        return writer.bytesWritten();
    }

    /** Completes the file and gives it its name. */
    public void commit() throws IOException {
        writer.commit();
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
