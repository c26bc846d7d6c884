package org.veil4j.he.mlr;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.mlr.encoding.Shape;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.ParameterMismatchException;

/** Ciphertexts of a plan in files: a header frame, then one frame each. */
final class CiphertextFrames {
    private static final String HEADER = "HEAD";
    private static final String CIPHERTEXT = "CTXT";

    private CiphertextFrames() {}

    /**
     * What is before the ciphertexts of a file.
     *
     * @param origin plan and key set
     * @param numbers some whole numbers
     */
    record Header(Origin origin, List<Integer> numbers) {}

    /** The origin, then some whole numbers. */
    static void writeHeader(FrameWriter writer, Origin origin, int... numbers) throws IOException {
        writer.beginFrame(HEADER);
        origin.write(writer.out());
        for (int number : numbers) {
            writer.out().writeInt(number);
        }
        writer.endFrame();
    }

    static void write(FrameWriter writer, List<Ciphertext> ciphertexts) throws IOException {
        for (Ciphertext c : ciphertexts) {
            writer.beginFrame(CIPHERTEXT);
            c.write(writer.out());
            writer.endFrame();
        }
    }

    /**
     * Reads what {@link #writeHeader} wrote.
     *
     * @throws ParameterMismatchException if the file belongs to other parameters or another plan
     */
    static Header readHeader(FrameReader reader, Path file, MlrPlan plan, int count) throws IOException {
        String name = String.valueOf(file.getFileName());
        if (!reader.parameters().equals(plan.rlwe().fingerprint())) {
            throw new ParameterMismatchException("file " + name, plan.rlwe().fingerprint(), reader.parameters());
        }
        reader.expectFrame(HEADER);
        PayloadReader in = reader.in();
        Origin origin = Origin.read(in, plan, "file " + name);
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            numbers.add(in.readInt("header field " + i, 0, Integer.MAX_VALUE));
        }
        in.expectEnd();
        return new Header(origin, numbers);
    }

    /** Reads ciphertexts that must have the given shapes. */
    static List<Ciphertext> read(FrameReader reader, MlrPlan plan, List<Shape> shapes, int count) throws IOException {
        if (count != shapes.size()) {
            throw reader.in().corrupt(shapes.size() + " ciphertexts", Integer.toString(count));
        }
        List<Ciphertext> result = new ArrayList<>();
        for (Shape shape : shapes) {
            Ciphertext c = readOne(reader, plan);
            if (c.level() != shape.level() || Math.abs(c.scale() - shape.scale()) > 0x1p-40 * shape.scale()) {
                throw reader.in().corrupt("level " + shape.level() + " and scale " + shape.scale(), c.toString());
            }
            result.add(c);
        }
        return result;
    }

    /** Reads one ciphertext of degree 1. */
    static Ciphertext readOne(FrameReader reader, MlrPlan plan) throws IOException {
        reader.expectFrame(CIPHERTEXT);
        Ciphertext c = Ciphertext.read(reader.in(), plan.rlwe());
        reader.in().expectEnd();
        if (c.degree() != 1) {
            throw reader.in().corrupt("degree 1", c.toString());
        }
        return c;
    }
}
