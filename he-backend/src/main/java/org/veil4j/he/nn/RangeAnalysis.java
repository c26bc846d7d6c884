package org.veil4j.he.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.RangeAlgebra;
import org.veil4j.he.circuit.RangedSlots;
import org.veil4j.he.circuit.SlotRangeAlgebra;
import org.veil4j.he.nn.layout.TensorLayout;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Runs a circuit over a {@link RangeAlgebra}, and judges what it finds.
 *
 * @param <A> what the circuit is run over
 */
final class RangeAnalysis<A extends RangeAlgebra> {
    /** Most samples that are used: more make a maximum over images little larger. */
    private static final int MAX_SAMPLES = 256;
    /** Weights times samples that are a matter of seconds. */
    private static final long WORK = 2_000_000_000L;
    /** Most samples where each takes a vector of all slots. */
    private static final int MAX_VECTORS = 64;
    /** Any number: figures must not change from run to run. */
    private static final long SEED = 20_261_121;

    private final Subject<A> subject;
    private final A algebra;
    private final RangeAlgebra.Extremes[] extremes;

    /**
     * What is analysed.
     *
     * @param layout of its input
     * @param level of its input
     * @param scale of its input
     * @param stages names, in order of execution
     * @param weights how many there are: as many products for each sample
     * @param circuit runs it
     * @param <A> what it is run over
     */
    record Subject<A>(
            RlweParameters parameters,
            TensorLayout layout,
            int level,
            double scale,
            List<String> stages,
            long weights,
            Circuit<A> circuit) {}

    /**
     * A circuit.
     *
     * @param <A> what it is run over
     */
    @FunctionalInterface
    interface Circuit<A> {
        /** Runs it on one value a ciphertext, and tells the listener when a stage has advanced. */
        List<RangedSlots> run(A algebra, List<RangedSlots> input, InferenceListener listener);
    }

    private RangeAnalysis(Subject<A> subject, A algebra) {
        this.subject = subject;
        this.algebra = algebra;
        this.extremes = new RangeAlgebra.Extremes[subject.stages.size()];
        Arrays.fill(extremes, RangeAlgebra.Extremes.NONE);
    }

    /**
     * Measures a circuit that treats every slot alike: one interval stands for all slots of a value.
     *
     * @param images samples of the network's input, before normalisation; null for none
     * @throws IllegalArgumentException if they are of another size or leave the input range
     */
    static ValueRanges of(Subject<RangeAlgebra> subject, CompileOptions options, @Nullable ImageBatch images) {
        TensorLayout layout = subject.layout;
        int samples = images == null ? 0 : Math.min(layout.images(), samples(subject.weights + 1, images.count()));
        double[][] values = new double[layout.ciphertexts()][0];
        InputNormaliser normaliser = options.normaliser(layout.shape());
        for (int c = 0; images != null && c < values.length; c++) {
            double[] packed = layout.pack((i, e) -> normaliser.normalise(images, i, e), samples, c);
            // Slots that are left out are all alike: one of them, of zero, stands for all.
            values[c] = packed.length < layout.slots() ? Arrays.copyOf(packed, packed.length + 1) : packed;
        }
        RangeAlgebra algebra = new RangeAlgebra(subject.parameters, SEED);
        RangeAnalysis<RangeAlgebra> analysis = new RangeAnalysis<>(subject, algebra);
        List<RangedSlots> input = new ArrayList<>();
        for (int c = 0; c < values.length; c++) {
            double[] range = {0, 0}; // unused slots hold zero
            int[] last = {-1};
            layout.visit(layout.images(), c, (slot, image, element) -> {
                if (element != last[0]) {
                    last[0] = element;
                    range[0] = Math.min(range[0], normaliser.normalise(options.inputLow(), element));
                    range[1] = Math.max(range[1], normaliser.normalise(options.inputHigh(), element));
                }
            });
            input.add(algebra.fresh(subject.level, subject.scale, range[0], range[1], values[c]));
        }
        return analysis.run(input, samples);
    }

    /**
     * Measures a circuit whose slots differ.
     *
     * @param images as in {@link #of}
     */
    static ValueRanges ofSlots(Subject<SlotRangeAlgebra> subject, CompileOptions options, @Nullable ImageBatch images) {
        TensorLayout layout = subject.layout;
        InputNormaliser normaliser = options.normaliser(layout.shape());
        int samples = images == null ? 0 : Math.min(MAX_VECTORS, samples(subject.weights + 1, images.count()));
        SlotRangeAlgebra algebra =
                new SlotRangeAlgebra(subject.parameters, SEED, options.weights() == WeightSecrecy.ENCRYPTED);
        RangeAnalysis<SlotRangeAlgebra> analysis = new RangeAnalysis<>(subject, algebra);
        List<RangedSlots> input = new ArrayList<>();
        for (int c = 0; c < layout.ciphertexts(); c++) {
            double[] low = new double[layout.slots()];
            double[] high = new double[layout.slots()];
            layout.visit(layout.images(), c, (slot, image, element) -> {
                low[slot] = normaliser.normalise(options.inputLow(), element);
                high[slot] = normaliser.normalise(options.inputHigh(), element);
            });
            double[][] vectors = new double[(samples + layout.images() - 1) / layout.images()][];
            for (int v = 0; images != null && v < vectors.length; v++) {
                int first = v * layout.images();
                vectors[v] = layout.pack(
                        (i, e) -> normaliser.normalise(images, first + i, e),
                        Math.min(layout.images(), samples - first),
                        c);
            }
            input.add(algebra.fresh(subject.level, subject.scale, low, high, vectors));
        }
        return analysis.run(input, samples);
    }

    private static int samples(long weights, int images) {
        return (int) Math.min(images, Math.max(8, Math.min(MAX_SAMPLES, WORK / weights)));
    }

    private ValueRanges run(List<RangedSlots> input, int samples) {
        // On one thread, so that the simulated noise is the same in every run.
        List<RangedSlots> output = Workers.withThreads(
                1,
                () -> subject.circuit.run(
                        algebra,
                        input,
                        (stage, stages, name, done, total) -> extremes[stage] = extremes[stage].and(algebra.take())));
        double bound = 0;
        double error = 0;
        for (RangedSlots o : output) {
            bound = Math.max(bound, o.error());
            error = Math.max(error, ValueRanges.MARGIN * o.measuredError());
        }
        List<StageRange> ranges = new ArrayList<>();
        for (int s = 0; s < extremes.length; s++) {
            RangeAlgebra.Extremes e = extremes[s];
            ranges.add(new StageRange(
                    subject.stages.get(s),
                    e.largestPossible(),
                    e.possibleHeadroomBits(),
                    samples == 0 ? Double.NaN : e.largestMeasured(),
                    samples == 0 ? Double.NaN : e.measuredHeadroomBits()));
        }
        RangedSlots result = output.get(0);
        double capacity = algebra.capacity(result.level(), result.scale());
        ValueRanges unsampled = new ValueRanges(ranges, samples, capacity, bits(bound));
        if (samples > 0) {
            return new ValueRanges(ranges, samples, capacity, bits(error));
        }
        // A bound on errors holds only for values that cannot wrap around.
        return unsampled.alwaysFits() ? unsampled : new ValueRanges(ranges, 0, capacity, Double.NEGATIVE_INFINITY);
    }

    private static double bits(double error) {
        return -Math.log(error) / Math.log(2);
    }

    /**
     * Refuses ranges that the samples show to be too large.
     *
     * @throws ValueRangeException naming the stage
     */
    static void require(ValueRanges ranges, CompileOptions options) {
        double margin = Math.log(ValueRanges.MARGIN) / Math.log(2);
        if (ranges.samples() == 0 || ranges.measuredHeadroomBits() >= margin) {
            return;
        }
        StageRange tight = ranges.tightest();
        boolean last = tight.equals(ranges.stages().get(ranges.stages().size() - 1));
        int fits = options.logOutputScale() - (int) Math.ceil(margin - tight.measuredHeadroomBits());
        String remedy = !last
                ? "train the network to smaller activations"
                : fits >= CompileOptions.MIN_LOG_OUTPUT_SCALE
                        ? "set logOutputScale to " + fits + " or less (now " + options.logOutputScale() + ")"
                        : "scale the last layer's weights down";
        throw new ValueRangeException(String.format(
                Locale.ROOT,
                "stage=%s: values reach %.3g on %d sample images, and the modulus holds %.3g there, which must be at"
                        + " least %d times as much; %s",
                tight.stage(),
                tight.largestMeasured(),
                ranges.samples(),
                tight.largestMeasured() * Math.pow(2, tight.measuredHeadroomBits()),
                ValueRanges.MARGIN,
                remedy));
    }

    /** What people should know about ranges that were not refused; null if there is nothing to say. */
    static @Nullable String note(ValueRanges ranges) {
        if (ranges.alwaysFits()) {
            return null;
        }
        String possible = Double.isInfinite(ranges.possibleHeadroomBits())
                ? "nothing bounds the network's values"
                : String.format(
                        Locale.ROOT,
                        "an image within the input range could drive values %.0f bits beyond what the modulus holds, if"
                                + " every layer were at its worst",
                        -ranges.possibleHeadroomBits());
        return "ranges: " + possible
                + (ranges.samples() == 0
                        ? "; give the compiler sample images to learn how large they really become"
                        : String.format(
                                Locale.ROOT,
                                "; on %d sample images %.1f bits of headroom are left",
                                ranges.samples(),
                                ranges.measuredHeadroomBits()));
    }
}
