package org.veil4j.he.nn;

import java.io.ByteArrayOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.nn.layout.TensorLayout;
import org.veil4j.he.nn.plan.Fields;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * A network ready to run on encrypted inputs: the server's part. Holds the weights, in the clear or encrypted, and no key of any
 * kind. What was compiled with {@link WeightSecrecy#ENCRYPTED} is the owner's at first, not for a server: weights in the clear that
 * {@link ModelClient#encryptModel} is to encrypt. Immutable.
 */
public final class CompiledModel {
    /** Parameters, then a program in the batch layout. */
    private static final String BATCH_FRAME = "PLAN";
    /** Parameters, then the tag of a program, then the program. */
    private static final String PROGRAM_FRAME = "PROG";

    private static final String RANGES_FRAME = "RANG";
    private static final int MAX_TAG_BYTES = 16;

    private final Program program;
    private final @Nullable ValueRanges ranges;
    private final Fingerprint fingerprint;

    CompiledModel(Program program, @Nullable ValueRanges ranges) {
        this.program = program;
        this.ranges = ranges;
        Fingerprint given = program.fingerprint();
        if (given != null) {
            this.fingerprint = given;
            return;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.fingerprint = Fingerprint.of(bytes.toByteArray());
    }

    /** Encryption parameters. */
    public RlweParameters parameters() {
        return program.parameters();
    }

    /** Shape of one input image. */
    public TensorShape inputShape() {
        return program.inputLayout().shape();
    }

    /** Numbers that an inference gives for each image. */
    public int outputs() {
        return program.outputLayout().shape().size();
    }

    /** What is in the slots of an encrypted input. */
    public TensorLayout inputLayout() {
        return program.inputLayout();
    }

    /** What is in the slots of an encrypted result. */
    public TensorLayout outputLayout() {
        return program.outputLayout();
    }

    /** Whether a server may know the weights. */
    public WeightSecrecy weights() {
        return program.weights();
    }

    /** Names the key pair that the weights are encrypted under; null while they are in the clear. */
    public @Nullable Fingerprint keyPair() {
        return program.keyPair();
    }

    /** Whether this is an owner's model, whose weights are still to be encrypted. */
    public boolean isOwners() {
        return weights() == WeightSecrecy.ENCRYPTED && keyPair() == null;
    }

    /**
     * Digest of parameters and weights: what client and server compare. An owner's model and its encryption have the same, which
     * tells nothing of the weights.
     */
    public Fingerprint fingerprint() {
        return fingerprint;
    }

    /**
     * Estimated peak memory of a process that runs this model, in bytes; the same as the compiler's figure. The first time it
     * takes a counted run of the program, a fraction of a second.
     */
    public long estimatedPeakBytes() {
        return memory().peakBytes();
    }

    /** Bytes that ciphertexts and keys take at the peak of an inference, in the Java heap. Costs as much. */
    public long workingBytes() {
        return memory().workingBytes();
    }

    /** The evaluation keys that an inference uses, each up to its level. Costs as much. */
    public KeyRequest keys() {
        return program.keys();
    }

    private MemoryModel memory() {
        return program.memory(Workers.threads());
    }

    /**
     * Refuses a memory budget that is too small for this model.
     *
     * @param budgetBytes what may be used; 0 is no limit
     * @throws MemoryBudgetExceededException with the figure
     */
    public void requireMemory(long budgetBytes) {
        if (budgetBytes > 0) {
            long needed = estimatedPeakBytes();
            if (needed > budgetBytes) {
                throw new MemoryBudgetExceededException(needed, budgetBytes);
            }
        }
    }

    /** How large values become, as the compiler found; null if the file does not say. */
    public @Nullable ValueRanges ranges() {
        return ranges;
    }

    Program program() {
        return program;
    }

    /** Writes the model to a file, which appears complete or not at all. An owner's is readable by the file's owner only. */
    public void write(Path file) throws IOException {
        write(file, program::writeRest);
    }

    /** Writes frames. */
    interface Rest {
        void write(FrameWriter writer) throws IOException;
    }

    /**
     * Writes the model to a file.
     *
     * @param rest writes what follows the program
     * @return bytes of the file
     */
    long write(Path file, Rest rest) throws IOException {
        FileKind kind = isOwners() ? FileKind.OWNER_MODEL : FileKind.MODEL;
        try (FrameWriter writer = FrameWriter.create(file, kind, parameters().fingerprint())) {
            writer.beginFrame(isBatch() ? BATCH_FRAME : PROGRAM_FRAME);
            write(writer.out());
            writer.endFrame();
            rest.write(writer);
            if (ranges != null) {
                writer.beginFrame(RANGES_FRAME);
                ranges.write(writer.out());
                writer.endFrame();
            }
            writer.commit();
            return writer.bytesWritten();
        }
    }

    private void write(DataOutput out) throws IOException {
        parameters().write(out);
        if (!isBatch()) {
            out.writeUTF(program.tag());
        }
        program.write(out);
    }

    private boolean isBatch() {
        return program.tag().equals(BatchProgram.TAG);
    }

    /**
     * Reads a model.
     *
     * @throws org.veil4j.he.io.CorruptDataException if the file is damaged or of another kind
     */
    public static CompiledModel read(Path file) throws IOException {
        try (FrameReader reader = FrameReader.open(file, kind(file))) {
            String frame = reader.nextFrame();
            PayloadReader in = reader.in();
            if (!BATCH_FRAME.equals(frame) && !PROGRAM_FRAME.equals(frame)) {
                throw in.corrupt("frame " + BATCH_FRAME + " or " + PROGRAM_FRAME, frame == null ? "the end" : frame);
            }
            RlweParameters parameters = Fields.readParameters(reader);
            String tag = BATCH_FRAME.equals(frame) ? BatchProgram.TAG : in.readUtf(MAX_TAG_BYTES);
            Program program = Program.read(tag, in, parameters);
            in.expectEnd();
            program = program.withRest(reader);
            return new CompiledModel(program, readRanges(reader));
        }
    }

    private static FileKind kind(Path file) throws IOException {
        try (FrameReader reader = FrameReader.open(file)) {
            return reader.kind() == FileKind.OWNER_MODEL ? FileKind.OWNER_MODEL : FileKind.MODEL;
        }
    }

    /** What follows the program; not there in files of earlier versions. */
    private static @Nullable ValueRanges readRanges(FrameReader reader) throws IOException {
        String tag = reader.nextFrame();
        if (tag == null) {
            return null;
        }
        if (!tag.equals(RANGES_FRAME)) {
            throw reader.in().corrupt("frame " + RANGES_FRAME, "frame " + tag);
        }
        ValueRanges ranges = ValueRanges.read(reader.in());
        reader.in().expectEnd();
        reader.expectEnd();
        return ranges;
    }
}
