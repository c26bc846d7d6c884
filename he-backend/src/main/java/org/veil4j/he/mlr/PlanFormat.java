package org.veil4j.he.mlr;

import java.io.ByteArrayOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.ckks.CkksParameters;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.mlr.clear.FeaturePreparation;
import org.veil4j.he.mlr.clear.MlrAlgorithm;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.Preparation;
import org.veil4j.he.mlr.clear.SigmoidPolynomial;
import org.veil4j.he.mlr.clear.StepSchedule;
import org.veil4j.he.mlr.encoding.Encoding;
import org.veil4j.he.mlr.encoding.EncodingSpec;
import org.veil4j.he.rlwe.ParameterMismatchException;
import org.veil4j.he.rlwe.RlweParameters;

/** Plans as bytes. */
final class PlanFormat {
    private static final String FRAME = "PLAN";
    private static final int FORMAT = 1;
    private static final int MAX_ROWS = 1 << 26;

    private PlanFormat() {}

    /** SHA-256 of what a plan consists of. */
    static Fingerprint fingerprint(PlanValues values, CkksParameters parameters) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(values, parameters, new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail to take bytes", e);
        }
        return Fingerprint.of(bytes.toByteArray());
    }

    static void write(PlanValues values, CkksParameters parameters, Path file) throws IOException {
        try (FrameWriter writer = FrameWriter.create(
                file, FileKind.TRAINING_PLAN, parameters.rlwe().fingerprint())) {
            writer.beginFrame(FRAME);
            write(values, parameters, writer.out());
            writer.endFrame();
            writer.commit();
        }
    }

    private static void write(PlanValues values, CkksParameters parameters, DataOutput out) throws IOException {
        EncodingSpec spec = values.spec();
        out.writeInt(FORMAT);
        out.writeInt(spec.classes());
        out.writeInt(spec.features());
        out.writeInt(spec.rows());
        out.writeUTF(spec.settings().algorithm().name());
        out.writeInt(spec.settings().iterations());
        out.writeDouble(spec.settings().steps().base());
        out.writeDouble(spec.settings().steps().decay());
        double[] odd = spec.sigmoid().oddCoefficients();
        out.writeInt(odd.length);
        for (double c : odd) {
            out.writeDouble(c);
        }
        out.writeDouble(spec.sigmoid().bound());
        out.writeDouble(spec.settings().startWeight());
        out.writeInt(spec.settings().batchRows());
        out.writeUTF(values.preparation().name());
        out.writeUTF(spec.kind().name());
        out.writeInt(spec.boundLog2());
        out.writeInt(spec.preconditionerLog2());
        out.writeInt(spec.mostWidth());
        out.writeBoolean(spec.keepRotations());
        out.writeInt(values.refreshPoints().size());
        for (int point : values.refreshPoints()) {
            out.writeInt(point);
        }
        out.writeInt(parameters.logScale());
        parameters.rlwe().write(out);
    }

    static MlrPlan read(Path file) throws IOException {
        try (FrameReader reader = FrameReader.open(file, FileKind.TRAINING_PLAN)) {
            reader.expectFrame(FRAME);
            PayloadReader in = reader.in();
            MlrPlan plan = read(in);
            in.expectEnd();
            if (!reader.parameters().equals(plan.rlwe().fingerprint())) {
                throw new ParameterMismatchException(
                        "file " + file.getFileName(), plan.rlwe().fingerprint(), reader.parameters());
            }
            reader.expectEnd();
            return plan;
        }
    }

    private static MlrPlan read(PayloadReader in) throws IOException {
        in.readInt("plan format", FORMAT, FORMAT);
        int classes = in.readInt("classes", 2, 1 << 20);
        int features = in.readInt("features", 1, FeaturePreparation.MAX_FEATURES);
        int rows = in.readInt("rows", 1, MAX_ROWS);
        String algorithm = in.readUtf(64);
        int iterations = in.readInt("iterations", 1, MlrSettings.MAX_ITERATIONS);
        double base = in.readFinite("base step");
        double decay = in.readFinite("decaying step");
        double[] odd = new double[in.readInt("coefficients", 1, 1 + SigmoidPolynomial.MAX_DEGREE / 2)];
        for (int i = 0; i < odd.length; i++) {
            odd[i] = in.readFinite("coefficient");
        }
        double bound = in.readFinite("bound");
        double startWeight = in.readFinite("start weight");
        int batchRows = in.readInt("batch rows", 0, MAX_ROWS);
        String preparation = in.readUtf(64);
        String encoding = in.readUtf(64);
        int boundLog2 = in.readInt("feature bound", -500, 500);
        int preconditionerLog2 = in.readInt("preconditioner bound", -1000, 1000);
        int mostWidth = in.readInt("row width", 1, 1 << 16);
        boolean keep = in.readBoolean();
        int points = in.readCount("refresh points", iterations, Integer.BYTES);
        List<Integer> refreshPoints = new ArrayList<>();
        for (int i = 0; i < points; i++) {
            refreshPoints.add(in.readInt("refresh point", 1, iterations));
        }
        int logScale = in.readInt("log scale", 1, 50);
        RlweParameters rlwe = RlweParameters.read(in);
        try {
            SigmoidPolynomial sigmoid = SigmoidPolynomial.of(odd, bound);
            MlrSettings settings = new MlrSettings(
                    MlrAlgorithm.valueOf(algorithm),
                    iterations,
                    new StepSchedule(base, decay),
                    sigmoid,
                    startWeight,
                    batchRows);
            EncodingSpec spec = new EncodingSpec(
                    Encoding.valueOf(encoding),
                    classes,
                    features,
                    rows,
                    settings,
                    sigmoid,
                    boundLog2,
                    preconditionerLog2,
                    mostWidth,
                    keep);
            PlanValues values = new PlanValues(spec, Preparation.valueOf(preparation), refreshPoints);
            return MlrPlan.of(values, new CkksParameters(rlwe, logScale));
        } catch (IllegalArgumentException e) {
            throw in.corrupt("a valid plan", String.valueOf(e.getMessage()));
        }
    }
}
