package org.veil4j.he.nn.packed;

import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.PolynomialEvaluator;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.nn.packed.DiagonalCover.Shift;
import org.veil4j.he.nn.plan.Fields;

/**
 * Packed plans as bytes, without their weights. Whatever is read is checked as if an adversary had written it.
 */
public final class PackedFormat {
    private static final int MAX_STAGES = 1024;
    private static final int MAX_SOURCES = 64;
    private static final int MAX_CIPHERTEXTS = 1 << 12;
    private static final int MAX_LEVEL = 127;

    private PackedFormat() {}

    /** Writes a plan. */
    public static void write(DataOutput out, PackedPlan plan) throws IOException {
        out.writeInt(plan.images());
        Grid grid = plan.layout().grid();
        out.writeInt(grid.slots());
        out.writeInt(grid.rows());
        out.writeInt(grid.columns());
        out.writeInt(plan.inputLevel());
        out.writeDouble(plan.scale());
        out.writeDouble(plan.outputScale());
        writePlacement(out, plan.layout().input());
        out.writeInt(plan.stages().size());
        for (int s = 0; s < plan.stages().size(); s++) {
            out.writeInt(plan.levelIn(s));
            writeStage(out, plan.stages().get(s));
            writeLayout(out, plan.layout().stages().get(s));
        }
    }

    private static void writePlacement(DataOutput out, Placement placement) throws IOException {
        out.writeInt(placement.period());
        out.writeInt(placement.ciphertexts());
        for (int[] at : placement.at()) {
            for (int t = 0; t < placement.period(); t++) {
                out.writeInt(at[t]);
            }
        }
    }

    private static void writeStage(DataOutput out, StageStructure stage) throws IOException {
        out.writeUTF(Fields.shortened(stage.name()));
        stage.shape().write(out);
        out.writeByte(stage.activation().ordinal());
        double[] polynomial = stage.polynomial();
        if (polynomial != null) {
            Fields.writeDoubles(out, polynomial);
        }
        out.writeInt(stage.sources().length);
        for (int source : stage.sources()) {
            out.writeInt(source);
        }
    }

    private static void writeLayout(DataOutput out, StageLayout layout) throws IOException {
        writePlacement(out, layout.placement());
        out.writeInt(layout.modulus());
        out.writeInt(layout.fold());
        out.writeInt(layout.split().unit());
        out.writeInt(layout.split().low());
        out.writeBoolean(layout.split().ascending());
        for (List<Shift> shifts : layout.shifts()) {
            out.writeInt(shifts.size());
            for (Shift s : shifts) {
                out.writeInt(s.source());
                out.writeInt(s.ciphertext());
                out.writeInt(s.shift());
            }
        }
    }

    /**
     * Reads a plan.
     *
     * @param slots slots of a ciphertext
     * @param input shape of the network's input
     * @throws org.veil4j.he.io.CorruptDataException if it makes no sense
     */
    public static PackedPlan read(PayloadReader in, int slots, TensorShape input) throws IOException {
        int images = readPower(in, "images", 1, slots);
        int own = readPower(in, "slots of an image", slots / images, slots / images);
        Grid grid = new Grid(own, readPower(in, "rows", 1, own), readPower(in, "columns", 1, own));
        if (!grid.fits()) {
            throw in.corrupt("a grid of at most " + own + " slots", grid.rows() + "x" + grid.columns());
        }
        int inputLevel = in.readInt("input level", 1, MAX_LEVEL);
        double scale = Fields.readScale(in);
        double outputScale = Fields.readScale(in);
        Placement inputPlacement = readPlacement(in, own, input.size());
        int count = in.readInt("stages", 1, MAX_STAGES);
        List<StageStructure> stages = new ArrayList<>();
        List<StageLayout> layouts = new ArrayList<>();
        int[] levelIn = new int[count];
        for (int s = 0; s < count; s++) {
            levelIn[s] = in.readInt("stage level", 1, inputLevel);
            StageStructure stage = readStage(in, stages.size());
            boolean last = s == count - 1;
            if (last != (stage.activation() == PackedStage.Activation.NONE)) {
                throw in.corrupt("an activation in all stages but the last", stage.activation() + " in stage " + s);
            }
            requireLevels(in, stage, s, stages, levelIn, inputLevel);
            List<Placement> sources = new ArrayList<>();
            for (int source : stage.sources()) {
                sources.add(
                        source == PackedStage.INPUT
                                ? inputPlacement
                                : layouts.get(source / 2).placement());
            }
            layouts.add(readLayout(in, own, stage, sources));
            stages.add(stage);
        }
        return new PackedPlan(
                stages,
                new PackedLayout(grid, inputPlacement, layouts),
                images,
                levelIn,
                inputLevel,
                scale,
                outputScale);
    }

    private static void requireLevels(
            PayloadReader in,
            StageStructure stage,
            int index,
            List<StageStructure> earlier,
            int[] levelIn,
            int inputLevel)
            throws IOException {
        int most = inputLevel;
        for (int source : stage.sources()) {
            if (source != PackedStage.INPUT) {
                int taken = PackedStage.isTap(source)
                        ? 1
                        : 1 + earlier.get(source / 2).activationLevels();
                most = Math.min(most, levelIn[source / 2] - taken);
            }
        }
        if (levelIn[index] > most || levelIn[index] < 1 + stage.activationLevels()) {
            throw in.corrupt(
                    "a stage level from " + (1 + stage.activationLevels()) + " to " + most,
                    Integer.toString(levelIn[index]));
        }
    }

    private static int readPower(PayloadReader in, String what, int min, int max) throws IOException {
        int value = in.readInt(what, min, max);
        if (Integer.bitCount(value) != 1) {
            throw in.corrupt(what + " that is a power of two", Integer.toString(value));
        }
        return value;
    }

    private static Placement readPlacement(PayloadReader in, int slots, int elements) throws IOException {
        int period = readPower(in, "period", 1, slots);
        int ciphertexts = in.readInt("ciphertexts", 1, MAX_CIPHERTEXTS);
        if (ciphertexts > 1 && period < slots) {
            throw in.corrupt("period " + slots + " of several ciphertexts", Integer.toString(period));
        }
        in.require(4L * ciphertexts * period);
        if (elements > (long) ciphertexts * period) {
            throw in.corrupt("slots for " + elements + " elements", ciphertexts + " times " + period);
        }
        boolean[] seen = new boolean[elements];
        int[][] at = new int[ciphertexts][slots];
        for (int[] row : at) {
            for (int t = 0; t < slots; t++) {
                row[t] = t < period ? in.readInt("element", Placement.NONE, elements - 1) : row[t - period];
                if (row[t] != Placement.NONE) {
                    seen[row[t]] = true;
                }
            }
        }
        for (int e = 0; e < elements; e++) {
            if (!seen[e]) {
                throw in.corrupt("a slot for each element", "none for element " + e);
            }
        }
        return new Placement(at, period);
    }

    private static StageStructure readStage(PayloadReader in, int earlier) throws IOException {
        String name = in.readUtf(16_000);
        TensorShape shape = TensorShape.read(in);
        int kind = in.readUnsignedByte();
        if (kind >= PackedStage.Activation.values().length) {
            throw in.corrupt("an activation that this version knows", Integer.toString(kind));
        }
        PackedStage.Activation activation = PackedStage.Activation.values()[kind];
        double[] polynomial = activation == PackedStage.Activation.POLYNOMIAL ? readPolynomial(in) : null;
        int[] sources = new int[in.readInt("sources", 1, MAX_SOURCES)];
        for (int i = 0; i < sources.length; i++) {
            sources[i] = in.readInt("source", PackedStage.INPUT, 2 * earlier - 1);
        }
        return new StageStructure(name, sources, activation, polynomial, shape);
    }

    private static double @Nullable [] readPolynomial(PayloadReader in) throws IOException {
        double[] polynomial = Fields.readDoubles(in, "coefficients", PolynomialEvaluator.MAX_DEGREE + 1);
        if (polynomial.length < 2) {
            throw in.corrupt("at least two coefficients", Integer.toString(polynomial.length));
        }
        return polynomial;
    }

    private static StageLayout readLayout(PayloadReader in, int slots, StageStructure stage, List<Placement> sources)
            throws IOException {
        Placement placement = readPlacement(in, slots, stage.shape().size());
        int least = placement.period();
        for (Placement p : sources) {
            least = Math.max(least, p.period());
        }
        int modulus = readPower(in, "modulus", least, slots);
        int fold = readPower(in, "fold", 1, modulus / placement.period());
        int unit = in.readInt("unit", 1, slots);
        int low = in.readInt("least baby step", -slots, slots);
        boolean ascending = in.readBoolean();
        List<List<Shift>> outputs = new ArrayList<>();
        for (int c = 0; c < placement.ciphertexts(); c++) {
            int count = in.readCount("shifts", slots * MAX_SOURCES, 12);
            if (count == 0) {
                throw in.corrupt("at least one shift", "none");
            }
            Set<Shift> shifts = new LinkedHashSet<>();
            for (int k = 0; k < count; k++) {
                int source = in.readInt("source of a shift", 0, sources.size() - 1);
                int ciphertext = in.readInt(
                        "ciphertext of a shift", 0, sources.get(source).ciphertexts() - 1);
                Shift shift = new Shift(source, ciphertext, in.readInt("shift", 0, slots - 1));
                if (!shifts.add(shift)) {
                    throw in.corrupt("shifts that differ", shift + " again");
                }
            }
            outputs.add(List.copyOf(shifts));
        }
        return new StageLayout(placement, modulus, fold, outputs, new BabyGiantSplit(slots, unit, low, ascending));
    }
}
