package org.veil4j.he.nn;

import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.veil4j.he.circuit.CostAlgebra;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Compiles a network for encrypted inference in the batch layout: one ciphertext for each tensor element, one image in
 * each slot. Folds linear layers, assigns levels and scales, chooses the smallest secure parameters, and runs the circuit
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
        long start = System.nanoTime();
        int channels = graph.inputShape().channels();
        if (options.mean().length != 1 && options.mean().length != channels) {
            throw new IllegalArgumentException("normalisation: " + options.mean().length + " means, must be 1 or the "
                    + channels + " channels of the input");
        }
        List<Stage> stages = StagePlanner.plan(graph);
        Compilation compiled = assemble(graph, options, PlanCandidate.best(graph, stages, options));
        CompilationReport report = compiled.report();
        LOG.info(
                "compiled {} stages to {} levels, logN {}, logQP {} in {} ms",
                stages.size(),
                report.levels(),
                report.parameters().logN(),
                Math.round(report.parameters().logQP()),
                (System.nanoTime() - start) / 1_000_000);
        if (options.memoryBudgetBytes() > 0 && report.estimatedPeakBytes() > options.memoryBudgetBytes()) {
            throw new MemoryBudgetExceededException(report.estimatedPeakBytes(), options.memoryBudgetBytes());
        }
        return compiled;
    }

    /** Model, specification and report of a plan. */
    static Compilation assemble(NetworkGraph graph, CompileOptions options, PlanCandidate chosen) {
        RlweParameters parameters = chosen.parameters();
        Plan plan = chosen.plan();
        CostAlgebra cost = chosen.cost();
        KeyRequest keys = PlanCandidate.keys(cost);
        CompiledModel model = new CompiledModel(parameters, graph.inputShape(), plan);
        ClientSpec spec = new ClientSpec(
                parameters,
                model.fingerprint(),
                graph.inputShape(),
                plan.outputs(),
                plan.inputLevel(),
                plan.scale(),
                options.mean(),
                options.standardDeviation(),
                keys,
                graph.notes());
        MemoryModel memory = MemoryModel.of(plan, parameters, graph.inputShape().size(), keys, Workers.threads());
        CompilationReport report = new CompilationReport(
                parameters,
                "batch",
                spec.slots(),
                plan.inputLevel(),
                plan.stages().stream().map(Stage::toString).toList(),
                graph.notes(),
                cost.counts().toMap(),
                memory.workingBytes(),
                memory.peakBytes(),
                EvaluationKeys.sizeBytes(parameters, keys),
                memory.inputBytes());
        return new Compilation(model, spec, report);
    }
}
