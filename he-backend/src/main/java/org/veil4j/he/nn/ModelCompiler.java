package org.veil4j.he.nn;

import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Compiles a network for encrypted inference in the batch or the packed layout, see {@link LayoutChoice}. Folds linear layers,
 * assigns levels and scales, chooses the smallest secure parameters, and runs the circuit
 * once over a cost algebra: so the exact keys, the memory and the operations are known before any key exists.
 */
public final class ModelCompiler {
    private static final Logger LOG = LogManager.getLogger(ModelCompiler.class);

    private ModelCompiler() {}

    /**
     * Compiles a network.
     *
     * @throws MemoryBudgetExceededException if the estimated peak is over the options' budget
     * @throws IllegalArgumentException if no secure parameters exist for the network's depth, or the normalisation does
     *     not fit the input's channels
     */
    public static Compilation compile(NetworkGraph graph, CompileOptions options) {
        return compile(graph, options, null);
    }

    /**
     * Compiles a network, and runs sample images through it in the clear: so that it is known how large values become and
     * how precise results will be. A few hundred images are enough; they should be like those that will be encrypted, and
     * public, since their largest values become part of the model.
     *
     * @param samples images before normalisation, the first few hundred of which are used; null for none
     * @throws ValueRangeException if values over the samples come too near to what the modulus holds
     * @throws MemoryBudgetExceededException if the estimated peak is over the options' budget
     * @throws IllegalArgumentException if no secure parameters exist for the network's depth, the normalisation does not
     *     fit the input's channels, or the samples are not images for this network
     */
    public static Compilation compile(NetworkGraph graph, CompileOptions options, @Nullable ImageBatch samples) {
        long start = System.nanoTime();
        int channels = graph.inputShape().channels();
        if (options.mean().length != 1 && options.mean().length != channels) {
            throw new IllegalArgumentException("normalisation: " + options.mean().length + " means, must be 1 or the "
                    + channels + " channels of the input");
        }
        if (samples != null
                && (samples.count() < 1 || samples.size() != graph.inputShape().size())) {
            throw new IllegalArgumentException("samples: " + samples.count() + " images of " + samples.size()
                    + " elements, must be at least one of " + graph.inputShape().size() + ", the network's input "
                    + graph.inputShape());
        }
        Compilation compiled = assemble(graph, options, program(graph, options), samples);
        CompilationReport report = compiled.report();
        LOG.info(
                "compiled {} stages to {} levels, logN {}, logQP {} in {} ms",
                report.stages().size(),
                report.levels(),
                report.parameters().logN(),
                Math.round(report.parameters().logQP()),
                (System.nanoTime() - start) / 1_000_000);
        return compiled;
    }

    private static Program program(NetworkGraph graph, CompileOptions options) {
        return switch (options.layout()) {
            case BATCH -> BatchProgram.compile(graph, options);
            case PACKED -> PackedProgram.compile(graph, options, Workers.threads());
            case AUTO ->
                options.weights() == WeightSecrecy.ENCRYPTED
                        ? PackedProgram.compile(graph, options, Workers.threads())
                        : cheaper(graph, options);
        };
    }

    /** The layout that takes less work for a batch, among those that fit the memory. */
    private static Program cheaper(NetworkGraph graph, CompileOptions options) {
        Program packed;
        try {
            packed = PackedProgram.compile(graph, options, Workers.threads());
        } catch (IllegalArgumentException e) {
            LOG.debug("no packed layout: {}", e.getMessage());
            return BatchProgram.compile(graph, options);
        }
        Program batch = BatchProgram.compile(graph, options);
        boolean batchIsCheaper = work(batch, options) < work(packed, options);
        return fits(batch, options) && (batchIsCheaper || !fits(packed, options)) ? batch : packed;
    }

    private static boolean fits(Program program, CompileOptions options) {
        long budget = options.memoryBudgetBytes();
        return budget == 0 || program.memory(Workers.threads()).peakBytes() <= budget;
    }

    /** What a batch takes, the same on every machine. */
    private static double work(Program program, CompileOptions options) {
        int images = program.inputLayout().images();
        int runs = (options.batch() + images - 1) / images;
        RlweParameters p = program.parameters();
        return runs * program.cost().counts().relativeCost() * p.n() * p.logN();
    }

    /** Model, specification and report of a program. */
    static Compilation assemble(
            NetworkGraph graph, CompileOptions options, Program program, @Nullable ImageBatch samples) {
        RlweParameters parameters = program.parameters();
        KeyRequest keys = program.keys();
        MemoryModel memory = program.memory(Workers.threads());
        if (options.memoryBudgetBytes() > 0 && memory.peakBytes() > options.memoryBudgetBytes()) {
            throw new MemoryBudgetExceededException(memory.peakBytes(), options.memoryBudgetBytes());
        }
        ValueRanges ranges = program.ranges(options, samples);
        RangeAnalysis.require(ranges, options);
        List<String> notes = new ArrayList<>(graph.notes());
        notes.addAll(program.notes());
        String note = RangeAnalysis.note(ranges);
        if (note != null) {
            notes.add(note);
        }
        CompiledModel model = new CompiledModel(program, ranges);
        ClientSpec spec = new ClientSpec(
                parameters,
                model.fingerprint(),
                model.inputLayout(),
                model.outputLayout(),
                program.inputLevel(),
                program.inputScale(),
                options.mean(),
                options.standardDeviation(),
                keys,
                graph.notes(),
                new ClientLimits(
                        options.inputLow(),
                        options.inputHigh(),
                        ranges.outputCapacity(),
                        ranges.estimatedPrecisionBits()));
        CompilationReport report = new CompilationReport(
                parameters,
                program.tag(),
                program.weights(),
                spec.images(),
                program.inputLevel(),
                program.stages(),
                List.copyOf(notes),
                program.cost().counts().toMap(),
                memory.workingBytes(),
                memory.peakBytes(),
                keys.sizeBytes(parameters),
                memory.inputBytes(),
                LayoutCandidate.of(program, memory),
                ranges);
        return new Compilation(model, spec, report);
    }
}
