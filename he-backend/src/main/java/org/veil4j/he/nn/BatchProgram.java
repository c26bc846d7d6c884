package org.veil4j.he.nn;

import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.CostAlgebra;
import org.veil4j.he.circuit.PlaintextForm;
import org.veil4j.he.circuit.SlotAlgebra;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.batch.BatchMemory;
import org.veil4j.he.nn.batch.BatchOptions;
import org.veil4j.he.nn.batch.Plan;
import org.veil4j.he.nn.batch.PlanCandidate;
import org.veil4j.he.nn.batch.PlanFormat;
import org.veil4j.he.nn.batch.Stage;
import org.veil4j.he.nn.batch.StageExecutor;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.nn.layout.BatchLayout;
import org.veil4j.he.rlwe.RlweParameters;

/** A program in the batch layout: one ciphertext a tensor element, one image a slot. */
final class BatchProgram extends Program {
    static final String TAG = "batch";

    private final TensorShape inputShape;
    private final Plan plan;

    /**
     * A program.
     *
     * @param cost of a run, if it has been counted already
     */
    private BatchProgram(RlweParameters parameters, TensorShape inputShape, Plan plan, @Nullable CostAlgebra cost) {
        super(
                parameters,
                new BatchLayout(inputShape, parameters.n() / 2),
                new BatchLayout(TensorShape.vector(plan.outputs()), parameters.n() / 2),
                cost);
        this.inputShape = inputShape;
        this.plan = plan;
    }

    private static BatchProgram of(TensorShape inputShape, PlanCandidate chosen) {
        return new BatchProgram(chosen.parameters(), inputShape, chosen.plan(), chosen.cost());
    }

    /**
     * Plans a network.
     *
     * @throws IllegalArgumentException if no secure parameters exist for the network's depth
     */
    static BatchProgram compile(NetworkGraph graph, CompileOptions options) {
        return of(graph.inputShape(), PlanCandidate.best(graph, planned(options)));
    }

    /** The same with late rescaling wherever possible, or with none, whatever is cheaper. */
    static BatchProgram compile(NetworkGraph graph, CompileOptions options, boolean late) {
        return of(graph.inputShape(), PlanCandidate.of(graph, planned(options), late));
    }

    private static BatchOptions planned(CompileOptions options) {
        return new BatchOptions(
                options.logN(),
                options.batch(),
                options.logScale(),
                options.logOutputScale(),
                options.weightBits(),
                options.security());
    }

    @Override
    String tag() {
        return TAG;
    }

    @Override
    PlaintextForm plaintextForm() {
        return PlaintextForm.RESIDUES; // weights are numbers, not diagonals
    }

    @Override
    int inputLevel() {
        return plan.inputLevel();
    }

    @Override
    double inputScale() {
        return plan.scale();
    }

    @Override
    long products() {
        return plan.weights();
    }

    @Override
    List<String> stages() {
        return plan.stages().stream().map(Stage::toString).toList();
    }

    @Override
    <C> Circuit<C> over(SlotAlgebra<C> algebra) {
        StageExecutor<C> executor = new StageExecutor<>(algebra, plan);
        return new Circuit<>() {
            @Override
            public List<C> run(List<C> input, InferenceListener listener) {
                return executor.run(input, listener);
            }

            @Override
            public void warmUp(C standIn, long nanos) {
                executor.warmUp(standIn, nanos);
            }
        };
    }

    @Override
    MemoryModel memory(int threads) {
        int n = parameters().n();
        return MemoryModel.of(
                BatchMemory.inputBytes(plan, n, inputShape.size()),
                BatchMemory.peakBytes(plan, n, inputShape.size(), threads),
                parameters(),
                keys());
    }

    @Override
    ValueRanges ranges(CompileOptions options, @Nullable ImageBatch samples) {
        return RangeAnalysis.of(
                new RangeAnalysis.Subject<>(
                        parameters(),
                        inputLayout(),
                        inputLevel(),
                        inputScale(),
                        plan.stages().stream().map(Stage::name).toList(),
                        plan.weights(),
                        (algebra, input, listener) -> new StageExecutor<>(algebra, plan).run(input, listener)),
                options,
                samples);
    }

    @Override
    void write(DataOutput out) throws IOException {
        inputShape.write(out);
        PlanFormat.write(out, plan);
    }

    static BatchProgram read(PayloadReader in, RlweParameters parameters) throws IOException {
        TensorShape shape = TensorShape.read(in);
        return new BatchProgram(parameters, shape, PlanFormat.read(in, shape.size()), null);
    }
}
