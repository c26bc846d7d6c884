package org.veil4j.he.nn.packed;

import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.circuit.SparseMatrix;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.rlwe.CipherDiagonal;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Weights of packed plans as bytes: in the clear as matrices, from which diagonals follow; encrypted as diagonals. Whatever is
 * read is checked as if an adversary had written it.
 */
public final class WeightFormat {
    /** Encrypted weights of a stage. */
    private static final String FRAME = "WGHT";

    private static final int MAX_ENTRIES = 1 << 28;

    private WeightFormat() {}

    /** Writes weights in the clear, of all stages. */
    public static void write(DataOutput out, ClearWeights weights) throws IOException {
        for (PackedStage stage : weights.stages()) {
            for (SparseMatrix m : stage.matrices()) {
                for (int r = 0; r < m.rows(); r++) {
                    out.writeInt(m.rowStart(r + 1) - m.rowStart(r));
                    for (int k = m.rowStart(r); k < m.rowStart(r + 1); k++) {
                        out.writeInt(m.column(k));
                        out.writeDouble(m.value(k));
                    }
                }
            }
            for (double b : stage.bias()) {
                out.writeDouble(b);
            }
        }
    }

    /**
     * Reads weights in the clear.
     *
     * @param input shape of the network's input
     * @param secret whether runs stand for those with encrypted weights
     * @throws org.veil4j.he.io.CorruptDataException if they make no sense for the plan
     */
    public static ClearWeights read(PayloadReader in, PackedPlan plan, TensorShape input, boolean secret)
            throws IOException {
        List<PackedStage> stages = new ArrayList<>();
        for (StageStructure stage : plan.stages()) {
            int rows = stage.shape().size();
            SparseMatrix[] matrices = new SparseMatrix[stage.sources().length];
            for (int i = 0; i < matrices.length; i++) {
                int source = stage.sources()[i];
                int columns = source == PackedStage.INPUT
                        ? input.size()
                        : plan.stages().get(source / 2).shape().size();
                matrices[i] = readMatrix(in, rows, columns);
            }
            in.require(8L * rows);
            double[] bias = new double[rows];
            for (int k = 0; k < rows; k++) {
                bias[k] = in.readFinite("bias");
            }
            stages.add(new PackedStage(stage, matrices, bias));
        }
        return new ClearWeights(stages, secret);
    }

    private static SparseMatrix readMatrix(PayloadReader in, int rows, int columns) throws IOException {
        in.require(4L * rows);
        SparseMatrix.Builder matrix = new SparseMatrix.Builder(columns);
        long entries = 0;
        for (int r = 0; r < rows; r++) {
            int count = in.readCount("weights of a row", columns, 12);
            entries += count;
            if (entries > MAX_ENTRIES) {
                throw in.corrupt("at most " + MAX_ENTRIES + " weights", "more");
            }
            for (int k = 0, last = -1; k < count; k++) {
                int c = in.readInt("column", last + 1, columns - 1);
                matrix.entry(c, in.readFinite("weight"));
                last = c;
            }
            matrix.endRow();
        }
        return matrix.build();
    }

    /** Writes the encrypted weights of a stage, as a frame. */
    public static void writeFrame(FrameWriter writer, StageFactors factors) throws IOException {
        writer.beginFrame(FRAME);
        DataOutput out = writer.out();
        for (CipherDiagonal d : factors.diagonals()) {
            d.write(out);
        }
        for (Ciphertext c : factors.bias()) {
            c.write(out);
        }
        writer.endFrame();
    }

    /**
     * Reads the encrypted weights of a stage, the next frame.
     *
     * @throws org.veil4j.he.io.CorruptDataException if they are not for the stage's level and scale
     */
    public static StageFactors readFrame(FrameReader reader, PackedPlan plan, int stage, RlweParameters parameters)
            throws IOException {
        reader.expectFrame(FRAME);
        PayloadReader in = reader.in();
        StageLayout layout = plan.layout().stages().get(stage);
        int level = plan.levelIn(stage);
        double scale = plan.targetScale(stage);
        List<CipherDiagonal> diagonals = new ArrayList<>();
        for (int k = 0; k < layout.products(); k++) {
            CipherDiagonal d = CipherDiagonal.read(in, parameters);
            if (d.maxLevel() != level) {
                throw in.corrupt("a diagonal of level " + level, "one of level " + d.maxLevel());
            }
            diagonals.add(d);
        }
        List<Ciphertext> bias = new ArrayList<>();
        for (int k = 0; k < layout.placement().ciphertexts(); k++) {
            Ciphertext c = Ciphertext.read(in, parameters);
            if (c.level() != level - 1 || c.degree() != 1 || c.scale() != scale) {
                throw in.corrupt("a bias of level " + (level - 1) + " and scale " + scale, c.toString());
            }
            bias.add(c);
        }
        in.expectEnd();
        return new StageFactors(diagonals, bias);
    }
}
