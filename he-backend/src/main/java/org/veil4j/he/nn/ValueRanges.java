package org.veil4j.he.nn;

import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.plan.Fields;

/**
 * How large a network's values become under encryption and how precise its results are, known before any key exists: for any
 * image within the input range, by interval arithmetic, which is far too pessimistic for deep polynomials; and on sample
 * images, if the compiler was given some, by a run in the clear with rounded weights and simulated noise. Immutable.
 *
 * @param stages in order of execution; the last one's values are the network's results
 * @param samples sample images; 0 if there were none
 * @param outputCapacity largest result that can be decrypted; beyond it results wrap around
 * @param estimatedPrecisionBits bits behind the binary point that results are expected to have right, at least: with samples
 *     -log2 of {@link #MARGIN} times the largest error over them, without any -log2 of a bound for every image within the
 *     input range; negative infinity where there is none
 */
public record ValueRanges(List<StageRange> stages, int samples, double outputCapacity, double estimatedPrecisionBits) {
    /** Room that must be left above what was measured on samples, as a factor. */
    public static final int MARGIN = 4;

    private static final int MAX_STAGES = 4096;

    /** Copies the list. */
    public ValueRanges {
        stages = List.copyOf(stages);
    }

    /** The least headroom of any stage, in bits, for any image within the input range. */
    public double possibleHeadroomBits() {
        return stages.stream()
                .mapToDouble(StageRange::possibleHeadroomBits)
                .min()
                .orElse(Double.NaN);
    }

    /** The least headroom of any stage, in bits, over the sample images; NaN without samples. */
    public double measuredHeadroomBits() {
        return stages.stream()
                .mapToDouble(StageRange::measuredHeadroomBits)
                .min()
                .orElse(Double.NaN);
    }

    /** Whether something is known to keep every value below what the modulus holds. */
    boolean alwaysFits() {
        return possibleHeadroomBits() > 0;
    }

    /** The stage that comes closest to its capacity on samples. */
    StageRange tightest() {
        StageRange least = stages.get(0);
        for (StageRange s : stages) {
            least = s.measuredHeadroomBits() < least.measuredHeadroomBits() ? s : least;
        }
        return least;
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(samples);
        out.writeDouble(outputCapacity);
        out.writeDouble(estimatedPrecisionBits);
        out.writeInt(stages.size());
        for (StageRange s : stages) {
            out.writeUTF(Fields.shortened(s.stage()));
            out.writeDouble(s.largestPossible());
            out.writeDouble(s.possibleHeadroomBits());
            out.writeDouble(s.largestMeasured());
            out.writeDouble(s.measuredHeadroomBits());
        }
    }

    static ValueRanges read(PayloadReader in) throws IOException {
        int samples = in.readInt("samples", 0, Integer.MAX_VALUE);
        double capacity = in.readDouble();
        double precision = in.readDouble();
        int count = in.readInt("ranges", 1, MAX_STAGES);
        List<StageRange> stages = new ArrayList<>();
        for (int s = 0; s < count; s++) {
            stages.add(new StageRange(
                    in.readUtf(16_000), in.readDouble(), in.readDouble(), in.readDouble(), in.readDouble()));
        }
        return new ValueRanges(stages, samples, capacity, precision);
    }
}
