package org.veil4j.he.nn;

import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.CostAlgebra;
import org.veil4j.he.circuit.PlaintextForm;
import org.veil4j.he.circuit.SlotAlgebra;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.nn.layout.SlotLayout;
import org.veil4j.he.nn.packed.PackedExecutor;
import org.veil4j.he.nn.packed.PackedFormat;
import org.veil4j.he.nn.packed.PackedMemory;
import org.veil4j.he.nn.packed.PackedPlan;
import org.veil4j.he.nn.packed.PackedPlanner;
import org.veil4j.he.rlwe.RlweParameters;

/** A program in the packed layout: one image, or a few, in a ciphertext. */
final class PackedProgram extends Program {
    static final String TAG = "packed";

    private final TensorShape inputShape;
    private final PackedPlan plan;
    private final PlaintextForm form;

    private PackedProgram(
            RlweParameters parameters,
            TensorShape inputShape,
            PackedPlan plan,
            PlaintextForm form,
            @Nullable CostAlgebra cost) {
        super(
                parameters,
                SlotLayout.of(inputShape, plan.images(), plan.inputMap(inputShape.size())),
                SlotLayout.of(TensorShape.vector(plan.outputs()), plan.images(), plan.outputMap()),
                cost);
        this.inputShape = inputShape;
        this.plan = plan;
        this.form = form;
    }

    /**
     * Plans a network. Of the forms of plaintexts the fastest is taken that keeps to the memory budget, if any does.
     *
     * @throws IllegalArgumentException if no secure parameters exist for the network's depth, or its images do not fit
     */
    static PackedProgram compile(NetworkGraph graph, CompileOptions options, int threads) {
        PackedPlanner.Candidate chosen = PackedPlanner.plan(
                graph,
                new PackedPlanner.Settings(
                        options.logN(),
                        options.imagesPerCiphertext(),
                        options.logScale(),
                        options.logOutputScale(),
                        options.weightBits(),
                        options.security()));
        PackedProgram fast = new PackedProgram(
                chosen.parameters(), graph.inputShape(), chosen.plan(), PlaintextForm.RESIDUES, chosen.cost());
        long budget = options.memoryBudgetBytes();
        if (budget == 0 || fast.memory(threads).peakBytes() <= budget) {
            return fast;
        }
        return new PackedProgram(
                chosen.parameters(), graph.inputShape(), chosen.plan(), PlaintextForm.COEFFICIENTS, null);
    }

    @Override
    String tag() {
        return TAG;
    }

    @Override
    PlaintextForm plaintextForm() {
        return form;
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
        return plan.products();
    }

    @Override
    List<String> stages() {
        return plan.describe();
    }

    @Override
    <C> Circuit<C> over(SlotAlgebra<C> algebra) {
        PackedExecutor<C> executor = PackedExecutor.prepared(algebra, plan);
        int ciphertexts = inputLayout().ciphertexts();
        return new Circuit<>() {
            @Override
            public List<C> run(List<C> input, InferenceListener listener) {
                return executor.run(input, listener);
            }

            @Override
            public void warmUp(C standIn, long nanos) {
                List<C> input = new ArrayList<>(Collections.nCopies(ciphertexts, standIn));
                long end = System.nanoTime() + nanos;
                do {
                    executor.run(input, InferenceListener.NONE);
                } while (System.nanoTime() < end);
            }
        };
    }

    /** Of diagonals only the number is counted: without making them, it takes no time. */
    @Override
    CostAlgebra count() {
        return PackedPlanner.count(parameters(), plan, form);
    }

    @Override
    MemoryModel memory(int threads) {
        long input = PackedMemory.inputBytes(plan, parameters());
        long peak = PackedMemory.runBytes(plan, parameters(), threads)
                + PackedMemory.plaintextBytes(plan, parameters(), form)
                + PackedMemory.weightBytes(plan);
        return MemoryModel.of(input, peak, parameters(), keys());
    }

    @Override
    ValueRanges ranges(CompileOptions options, @Nullable ImageBatch samples) {
        return RangeAnalysis.ofSlots(
                new RangeAnalysis.Subject<>(
                        parameters(),
                        inputLayout(),
                        inputLevel(),
                        inputScale(),
                        plan.stageNames(),
                        plan.products() * plan.slots() * 4,
                        (algebra, input, listener) ->
                                PackedExecutor.once(algebra, plan).run(input, listener)),
                options,
                samples);
    }

    @Override
    void write(DataOutput out) throws IOException {
        inputShape.write(out);
        out.writeByte(form.ordinal());
        PackedFormat.write(out, plan);
    }

    static PackedProgram read(PayloadReader in, RlweParameters parameters) throws IOException {
        TensorShape shape = TensorShape.read(in);
        int form = in.readUnsignedByte();
        if (form >= PlaintextForm.values().length) {
            throw in.corrupt("a form of plaintexts that this version knows", Integer.toString(form));
        }
        PackedPlan plan = PackedFormat.read(in, parameters.n() / 2, shape);
        return new PackedProgram(parameters, shape, plan, PlaintextForm.values()[form], null);
    }
}
