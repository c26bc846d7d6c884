package org.veil4j.he.nn;

import java.io.Closeable;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.nn.layout.TensorLayout;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Writes encrypted batches to a file one after the other, so that the file may be larger than memory. Nothing appears
 * under the file's name before {@link #commit}.
 */
public final class TensorFileWriter implements Closeable {
    /** A layout other than the batch one; comes first, where it is. */
    static final String LAYOUT_FRAME = "LAYT";

    static final String HEADER_FRAME = "HEAD";
    /** The key pair, where it is known. */
    static final String KEY_PAIR_FRAME = "KPAR";

    static final String BATCH_FRAME = "BTCH";

    private final FrameWriter writer;
    private final Fingerprint model;
    private final TensorLayout layout;

    private TensorFileWriter(FrameWriter writer, Fingerprint model, TensorLayout layout) {
        this.writer = writer;
        this.model = model;
        this.layout = layout;
    }

    /**
     * Starts a file of encrypted tensors.
     *
     * @param kind {@link FileKind#INPUT} or {@link FileKind#OUTPUT}
     * @param model fingerprint of the compiled model that the tensors belong to
     * @param layout of all tensors of the file
     * @param keyPair that all tensors belong to; null where it is unknown
     */
    public static TensorFileWriter create(
            Path file,
            FileKind kind,
            RlweParameters parameters,
            Fingerprint model,
            TensorLayout layout,
            @Nullable Fingerprint keyPair)
            throws IOException {
        FrameWriter writer = FrameWriter.create(file, kind, parameters.fingerprint());
        try {
            if (!layout.isBatch()) {
                writer.beginFrame(LAYOUT_FRAME);
                layout.write(writer.out());
                writer.endFrame();
            }
            writer.beginFrame(HEADER_FRAME);
            model.write(writer.out());
            layout.shape().write(writer.out());
            writer.endFrame();
            if (keyPair != null) {
                writer.beginFrame(KEY_PAIR_FRAME);
                keyPair.write(writer.out());
                writer.endFrame();
            }
            return new TensorFileWriter(writer, model, layout);
        } catch (IOException | RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    /** Appends a batch. */
    public void write(EncryptedTensor batch) throws IOException {
        if (!batch.model().equals(model) || !batch.layout().equals(layout)) {
            throw new IllegalArgumentException("batch: of layout " + batch.layout() + " and model "
                    + batch.model().shortHex() + ", must be " + layout + " and " + model.shortHex());
        }
        writer.beginFrame(BATCH_FRAME);
        DataOutput out = writer.out();
        out.writeInt(batch.images());
        out.writeInt(batch.ciphertexts().size());
        for (Ciphertext c : batch.ciphertexts()) {
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
