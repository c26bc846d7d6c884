package org.veil4j.he.nn.batch;

import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.circuit.PolynomialEvaluator;
import org.veil4j.he.circuit.SparseMatrix;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.plan.Fields;

/** Plans as bytes. Whatever is read is checked as if an adversary had written it. */
public final class PlanFormat {
    private static final int MAX_STAGES = 4096;
    private static final int MAX_ELEMENTS = 1 << 26;
    private static final int MAX_LEVEL = 127;

    private PlanFormat() {}

    /** Writes a plan. */
    public static void write(DataOutput out, Plan plan) throws IOException {
        out.writeInt(plan.inputLevel());
        out.writeDouble(plan.scale());
        out.writeDouble(plan.outputScale());
        out.writeInt(plan.stages().size());
        for (int s = 0; s < plan.stages().size(); s++) {
            out.writeInt(plan.levelIn()[s]);
            out.writeInt(plan.levelOut()[s]);
            out.writeBoolean(plan.late()[s]);
            writeStage(out, plan.stages().get(s));
        }
    }

    /**
     * Reads a plan.
     *
     * @param inputSize elements of the network's input
     * @throws org.veil4j.he.io.CorruptDataException if it would lead a run astray
     */
    public static Plan read(PayloadReader in, int inputSize) throws IOException {
        int inputLevel = in.readInt("input level", 1, MAX_LEVEL);
        double scale = Fields.readScale(in);
        double outputScale = Fields.readScale(in);
        int count = in.readInt("stages", 1, MAX_STAGES);
        List<Stage> stages = new ArrayList<>();
        int[] levelIn = new int[count];
        int[] levelOut = new int[count];
        boolean[] late = new boolean[count];
        for (int s = 0; s < count; s++) {
            levelIn[s] = in.readInt("stage level", 0, inputLevel);
            levelOut[s] = in.readInt("stage result level", 0, levelIn[s]);
            late[s] = in.readBoolean();
            Stage stage = readStage(in, stages, inputSize);
            checkStage(in, stage, late[s], levelIn[s] - levelOut[s]);
            for (int input : stage.inputs()) {
                int reached = input == Stage.NETWORK_INPUT ? inputLevel : levelOut[input];
                if (levelIn[s] > reached) {
                    throw in.corrupt("a stage level up to its input's " + reached, Integer.toString(levelIn[s]));
                }
            }
            stages.add(stage);
        }
        return new Plan(stages, levelIn, levelOut, late, inputLevel, scale, outputScale);
    }

    private static void checkStage(PayloadReader in, Stage stage, boolean late, int levels) throws IOException {
        if (late && (stage.unit() || stage.activation() != Stage.Activation.SQUARE)) {
            throw in.corrupt(
                    "a square of weighted sums where rescaling is late",
                    stage.activation().name());
        }
        if (stage.activation() == Stage.Activation.NONE && stage.groups() != null) {
            throw in.corrupt("an activation before sums", stage.activation().name());
        }
        int uses = stage.unit() ? 0 : 1;
        if (stage.activation() != Stage.Activation.NONE) {
            uses += stage.polynomials() == null ? 1 : PolynomialEvaluator.levels(stage.degree());
        }
        if (levels != uses) {
            throw in.corrupt("a stage that takes " + uses + " levels", Integer.toString(levels));
        }
    }

    private static void writeStage(DataOutput out, Stage stage) throws IOException {
        out.writeUTF(Fields.shortened(stage.name()));
        writeInts(out, stage.inputs());
        out.writeBoolean(stage.unit());
        out.writeByte(stage.activation().ordinal());
        SparseMatrix m = stage.matrix();
        out.writeInt(m.rows());
        out.writeInt(m.columns());
        for (int r = 0; r < m.rows(); r++) {
            Fields.writeRow(out, m, r);
            out.writeDouble(stage.bias()[r]);
        }
        double[][] polynomials = stage.polynomials();
        if (polynomials != null) {
            out.writeInt(polynomials[0].length);
            for (double[] p : polynomials) {
                for (double c : p) {
                    out.writeDouble(c);
                }
            }
        }
        int[][] groups = stage.groups();
        out.writeBoolean(groups != null);
        if (groups != null) {
            out.writeInt(groups.length);
            for (int[] g : groups) {
                writeInts(out, g);
            }
        }
    }

    private static Stage readStage(PayloadReader in, List<Stage> earlier, int inputSize) throws IOException {
        String name = in.readUtf(16_000);
        int[] inputs = readInts(in, "stage inputs", MAX_STAGES, Stage.NETWORK_INPUT, earlier.size() - 1);
        long columnsWanted = 0;
        for (int input : inputs) {
            columnsWanted += input == Stage.NETWORK_INPUT
                    ? inputSize
                    : earlier.get(input).outputs();
        }
        boolean unit = in.readBoolean();
        Stage.Activation activation =
                Stage.Activation.values()[readIndex(in, "activation", Stage.Activation.values().length)];
        int rows = in.readCount("rows", MAX_ELEMENTS, 12);
        int columns = in.readInt("columns", 1, MAX_ELEMENTS);
        if (columns != columnsWanted || rows == 0) {
            throw in.corrupt(columnsWanted + " columns and some rows", columns + " columns, " + rows + " rows");
        }
        SparseMatrix.Builder matrix = new SparseMatrix.Builder(columns);
        double[] bias = new double[rows];
        int entries = 0;
        for (int r = 0; r < rows; r++) {
            entries = Fields.readRow(in, matrix, columns, entries);
            bias[r] = in.readFinite("bias");
        }
        double[][] polynomials = activation == Stage.Activation.POLYNOMIAL ? readPolynomials(in, rows) : null;
        int[][] groups = in.readBoolean() ? readGroups(in, rows) : null;
        return new Stage(name, inputs, matrix.build(), unit, bias, activation, polynomials, groups);
    }

    private static double[][] readPolynomials(PayloadReader in, int rows) throws IOException {
        int length = in.readInt("coefficients", 2, PolynomialEvaluator.MAX_DEGREE + 1);
        in.require(8L * length * rows);
        double[][] polynomials = new double[rows][length];
        for (double[] p : polynomials) {
            for (int i = 0; i < length; i++) {
                p[i] = in.readFinite("coefficient");
            }
        }
        return polynomials;
    }

    private static int[][] readGroups(PayloadReader in, int rows) throws IOException {
        int count = in.readCount("groups", rows, 8);
        if (count == 0) {
            throw in.corrupt("at least one group", "0");
        }
        int[][] groups = new int[count][];
        for (int g = 0; g < count; g++) {
            groups[g] = readInts(in, "rows of a group", rows, 0, rows - 1);
        }
        return groups;
    }

    private static int readIndex(PayloadReader in, String what, int size) throws IOException {
        int index = in.readUnsignedByte();
        if (index >= size) {
            throw in.corrupt(what + " below " + size, Integer.toString(index));
        }
        return index;
    }

    private static void writeInts(DataOutput out, int[] values) throws IOException {
        out.writeInt(values.length);
        for (int v : values) {
            out.writeInt(v);
        }
    }

    private static int[] readInts(PayloadReader in, String what, int most, int min, int max) throws IOException {
        int count = in.readCount(what, most, 4);
        if (count == 0) {
            throw in.corrupt("at least one of " + what, "none");
        }
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = in.readInt(what, min, max);
        }
        return values;
    }
}
