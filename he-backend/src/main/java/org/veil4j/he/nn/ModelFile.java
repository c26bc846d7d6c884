package org.veil4j.he.nn;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.FrameFile;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.ring.Workers;

/**
 * A model that is served from its file within a memory budget: encrypted weights that do not fit stay in the file, and each run
 * reads them stage by stage. A stage is checked each time it is read: a file that shrinks or changes meanwhile is found, and the
 * inference then throws an {@link java.io.UncheckedIOException} whose cause is the
 * {@link org.veil4j.he.io.CorruptDataException}.
 */
public final class ModelFile implements Closeable {
    /** More than any plan has stages. */
    private static final int MOST_FRAMES = 5000;

    private final CompiledModel model;
    private final @Nullable FrameFile file;

    private ModelFile(CompiledModel model, @Nullable FrameFile file) {
        this.model = model;
        this.file = file;
    }

    /**
     * Opens a model. It must not be changed before it is closed; replacing it by another under its name does no harm.
     *
     * @param budgetBytes for the process; 0 is no limit, then all weights are read into memory
     * @throws org.veil4j.he.io.CorruptDataException if the file is damaged or of another kind
     */
    public static ModelFile open(Path path, long budgetBytes) throws IOException {
        if (budgetBytes > 0 && Files.isRegularFile(path) && kind(path) == FileKind.MODEL) {
            FrameFile file = FrameFile.open(path, FileKind.MODEL, MOST_FRAMES);
            ModelFile streamed = null;
            try {
                CompiledModel model = CompiledModel.streamed(file);
                if (model.program().isStreamed()
                        && model.program().memoryKept(Workers.threads()).peakBytes() > budgetBytes) {
                    streamed = new ModelFile(model, file);
                    return streamed;
                }
            } finally {
                if (streamed == null) {
                    file.close();
                }
            }
        }
        return new ModelFile(CompiledModel.read(path), null);
    }

    private static FileKind kind(Path path) throws IOException {
        try (FrameReader reader = FrameReader.open(path)) {
            return reader.kind();
        }
    }

    /** The model. */
    public CompiledModel model() {
        return model;
    }

    /** Whether weights stay in the file. */
    public boolean isStreamed() {
        return file != null;
    }

    /** Releases the file: a model whose weights stay in it can then be run no more. */
    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
