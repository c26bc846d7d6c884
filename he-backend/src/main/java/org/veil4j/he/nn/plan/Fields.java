package org.veil4j.he.nn.plan;

import java.io.DataOutput;
import java.io.IOException;
import org.veil4j.he.circuit.SparseMatrix;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.rlwe.RlweParameters;

/** Fields that files of networks have in common. Whatever is read is checked as if an adversary had written it. */
public final class Fields {
    private static final int MAX_ENTRIES = 1 << 28;

    private Fields() {}

    /** Reads the parameters at the start of a frame, which must be those that the file's header names. */
    public static RlweParameters readParameters(FrameReader reader) throws IOException {
        RlweParameters parameters = RlweParameters.read(reader.in());
        if (!parameters.fingerprint().equals(reader.parameters())) {
            throw reader.in()
                    .corrupt(
                            "parameters " + reader.parameters().shortHex() + " as in the header",
                            parameters.fingerprint().shortHex());
        }
        return parameters;
    }

    /** Reads a scale, 1 to 2^100. */
    public static double readScale(PayloadReader in) throws IOException {
        double scale = in.readFinite("scale");
        if (!(scale >= 1) || scale > 0x1p100) {
            throw in.corrupt("a scale from 1 to 2^100", Double.toString(scale));
        }
        return scale;
    }

    /** A name as long as a file holds it: the first 4,000 characters. */
    public static String shortened(String name) {
        return name.length() > 4000 ? name.substring(0, 4000) : name;
    }

    /** Writes an array with its length. */
    public static void writeDoubles(DataOutput out, double[] values) throws IOException {
        out.writeInt(values.length);
        for (double v : values) {
            out.writeDouble(v);
        }
    }

    /**
     * Reads finite numbers.
     *
     * @param what what they are, in the plural, for messages
     * @param most largest number of them
     */
    public static double[] readDoubles(PayloadReader in, String what, int most) throws IOException {
        int count = in.readCount(what, most, 8);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = in.readFinite(what);
        }
        return values;
    }

    /** Writes one row of a matrix: how many weights it has, then each behind its column. */
    public static void writeRow(DataOutput out, SparseMatrix matrix, int row) throws IOException {
        out.writeInt(matrix.rowStart(row + 1) - matrix.rowStart(row));
        for (int k = matrix.rowStart(row); k < matrix.rowStart(row + 1); k++) {
            out.writeInt(matrix.column(k));
            out.writeDouble(matrix.value(k));
        }
    }

    /**
     * Reads one row of a matrix.
     *
     * @param matrix takes the row
     * @param before weights of the rows before it
     * @return weights with those of this row, at most 2^28
     */
    public static int readRow(PayloadReader in, SparseMatrix.Builder matrix, int columns, int before)
            throws IOException {
        int count = in.readCount("weights of a row", columns, 12);
        if (count > MAX_ENTRIES - before) {
            throw in.corrupt("at most " + MAX_ENTRIES + " weights", "more");
        }
        for (int k = 0, last = -1; k < count; k++) {
            int c = in.readInt("column", last + 1, columns - 1);
            matrix.entry(c, in.readFinite("weight"));
            last = c;
        }
        matrix.endRow();
        return before + count;
    }
}
