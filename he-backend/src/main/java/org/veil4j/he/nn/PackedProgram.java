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
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameFile;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.nn.layout.SlotLayout;
import org.veil4j.he.nn.packed.ClearWeights;
import org.veil4j.he.nn.packed.EncryptedWeights;
import org.veil4j.he.nn.packed.PackedExecutor;
import org.veil4j.he.nn.packed.PackedFormat;
import org.veil4j.he.nn.packed.PackedMemory;
import org.veil4j.he.nn.packed.PackedPlan;
import org.veil4j.he.nn.packed.PackedPlanner;
import org.veil4j.he.nn.packed.PackedWeights;
import org.veil4j.he.nn.packed.StageFactors;
import org.veil4j.he.nn.packed.WeightFormat;
import org.veil4j.he.ring.Seed;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * A program in the packed layout: one image, or a few, in a ciphertext. Its weights are in the clear, or the owner's, who will
 * encrypt them, or encrypted: the plan is the same.
 */
final class PackedProgram extends Program {
    static final String TAG = "packed";

    /** More bits of a weight prime: a factor's encryption is 11 times as noisy as its rounding. */
    private static final int ENCRYPTED_WEIGHT_BITS = 8;

    /** What is known of weights, as in files. */
    private enum Kind {
        PLAIN,
        OWNED,
        ENCRYPTED
    }

    private final TensorShape inputShape;
    private final PackedPlan plan;
    private final PlaintextForm form;
    private final PackedWeights weights;
    /** Makes the fingerprint of an owner's model one that tells nothing of the weights; else empty. */
    private final byte[] salt;
    /** Whether an owner's weights will fit the server's memory only if they stay in their file. */
    private final boolean toBeStreamed;

    private PackedProgram(
            RlweParameters parameters,
            TensorShape inputShape,
            PackedPlan plan,
            PlaintextForm form,
            PackedWeights weights,
            byte[] salt,
            boolean toBeStreamed,
            @Nullable CostAlgebra cost) {
        super(
                parameters,
                SlotLayout.of(inputShape, plan.images(), plan.inputMap(inputShape.size())),
                SlotLayout.of(TensorShape.vector(plan.outputs()), plan.images(), plan.outputMap()),
                cost);
        this.inputShape = inputShape;
        this.plan = plan;
        this.form = form;
        this.weights = weights;
        this.salt = salt;
        this.toBeStreamed = toBeStreamed;
    }

    /**
     * Plans a network. Of the forms of factors the fastest is taken that keeps to the memory budget, if any does.
     *
     * @throws IllegalArgumentException if no secure parameters exist for the network's depth, or its images do not fit
     */
    static PackedProgram compile(NetworkGraph graph, CompileOptions options, int threads) {
        boolean secret = options.weights() == WeightSecrecy.ENCRYPTED;
        PackedPlanner.Candidate chosen = PackedPlanner.plan(
                graph,
                new PackedPlanner.Settings(
                        options.logN(),
                        options.imagesPerCiphertext(),
                        options.logScale(),
                        options.logOutputScale(),
                        options.weightBits() + (secret ? ENCRYPTED_WEIGHT_BITS : 0),
                        options.security(),
                        secret));
        byte[] salt = secret ? Seed.random().toBytes() : new byte[0];
        long budget = options.memoryBudgetBytes();
        PackedProgram program = of(graph, chosen, PlaintextForm.RESIDUES, salt, false);
        if (budget > 0 && program.memory(threads).peakBytes() > budget) {
            program = of(graph, chosen, PlaintextForm.COEFFICIENTS, salt, false);
            if (secret && program.memory(threads).peakBytes() > budget) {
                program = of(graph, chosen, PlaintextForm.COEFFICIENTS, salt, true);
            }
        }
        return program;
    }

    private static PackedProgram of(
            NetworkGraph graph, PackedPlanner.Candidate chosen, PlaintextForm form, byte[] salt, boolean toBeStreamed) {
        return new PackedProgram(
                chosen.parameters(),
                graph.inputShape(),
                chosen.plan(),
                form,
                chosen.weights(),
                salt,
                toBeStreamed,
                form == PlaintextForm.RESIDUES ? chosen.cost() : null);
    }

    /**
     * The same with encrypted weights, for the server.
     *
     * @param encrypted of this program's plan
     */
    PackedProgram with(EncryptedWeights encrypted) {
        return new PackedProgram(parameters(), inputShape, plan, form, encrypted, salt, false, null);
    }

    /** The plan, which is public. */
    PackedPlan plan() {
        return plan;
    }

    /**
     * The weights of an owner, who has them in the clear and compiled them to be encrypted.
     *
     * @throws IllegalArgumentException if this is not such a program
     */
    ClearWeights ownedWeights() {
        if (weights instanceof ClearWeights clear && clear.secret()) {
            return clear;
        }
        throw new IllegalArgumentException(
                weights instanceof ClearWeights
                        ? "model: was compiled for weights in the clear; compile it with weights=encrypted"
                        : "model: is encrypted already; name the owner's model, which compile wrote");
    }

    private Kind kind() {
        if (weights instanceof ClearWeights clear) {
            return clear.secret() ? Kind.OWNED : Kind.PLAIN;
        }
        return Kind.ENCRYPTED;
    }

    @Override
    WeightSecrecy weights() {
        return kind() == Kind.PLAIN ? WeightSecrecy.PLAIN : WeightSecrecy.ENCRYPTED;
    }

    private boolean secret() {
        return weights() == WeightSecrecy.ENCRYPTED;
    }

    @Override
    @Nullable
    Fingerprint fingerprint() {
        return weights instanceof EncryptedWeights encrypted ? encrypted.model() : null;
    }

    @Override
    @Nullable
    Fingerprint keyPair() {
        return weights instanceof EncryptedWeights encrypted ? encrypted.keyPair() : null;
    }

    @Override
    List<String> notes() {
        List<String> open = secret() ? plan.publicActivations() : List.of();
        return open.isEmpty()
                ? List.of()
                : List.of("weights=encrypted: coefficients of activations above degree 2 stay public, of "
                        + String.join(", ", open));
    }

    @Override
    String tag() {
        return TAG;
    }

    /** Of encrypted diagonals: both halves kept, or the uniform half expanded from its seed at each use. */
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
        PackedExecutor<C> executor = isStreamed()
                ? PackedExecutor.once(algebra, plan, weights)
                : PackedExecutor.prepared(algebra, plan, weights);
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
        return PackedPlanner.count(parameters(), plan, form, secret());
    }

    @Override
    MemoryModel memory(int threads) {
        long input = PackedMemory.inputBytes(plan, parameters());
        long peak = PackedMemory.runBytes(plan, parameters(), threads, secret()) + weightBytes(isStreamed());
        return MemoryModel.of(input, peak, parameters(), keys());
    }

    @Override
    MemoryModel memoryKept(int threads) {
        long peak = PackedMemory.runBytes(plan, parameters(), threads, secret()) + weightBytes(false);
        return MemoryModel.of(PackedMemory.inputBytes(plan, parameters()), peak, parameters(), keys());
    }

    private long weightBytes(boolean streamed) {
        if (streamed) {
            return PackedMemory.largestStageBytes(plan, parameters());
        }
        if (weights instanceof ClearWeights clear && !clear.secret()) {
            return PackedMemory.plaintextBytes(plan, parameters(), form) + clear.sizeBytes();
        }
        return PackedMemory.encryptedBytes(plan, parameters(), form == PlaintextForm.RESIDUES);
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
                                PackedExecutor.once(algebra, plan, weights).run(input, listener)),
                options,
                samples);
    }

    @Override
    void write(DataOutput out) throws IOException {
        inputShape.write(out);
        out.writeByte(form.ordinal());
        out.writeByte(kind().ordinal());
        PackedFormat.write(out, plan);
        if (weights instanceof ClearWeights clear) {
            out.write(salt);
            WeightFormat.write(out, clear);
        } else if (weights instanceof EncryptedWeights encrypted) {
            encrypted.model().write(out);
            encrypted.keyPair().write(out);
        }
    }

    @Override
    void writeRest(FrameWriter writer) throws IOException {
        if (weights instanceof EncryptedWeights encrypted) {
            for (int s = 0; s < plan.stages().size(); s++) {
                WeightFormat.writeFrame(writer, encrypted.factors(s));
            }
        }
    }

    @Override
    Program withRestIn(FrameFile file, int first) throws IOException {
        return weights instanceof EncryptedWeights encrypted
                ? with(new EncryptedWeights(
                        encrypted.model(), encrypted.keyPair(), WeightFormat.stored(file, first, plan, parameters())))
                : this;
    }

    @Override
    boolean isStreamed() {
        return weights instanceof EncryptedWeights encrypted ? encrypted.isStreamed() : toBeStreamed;
    }

    @Override
    Program withRest(FrameReader reader) throws IOException {
        if (!(weights instanceof EncryptedWeights encrypted)) {
            return this;
        }
        List<StageFactors> stages = new ArrayList<>();
        for (int s = 0; s < plan.stages().size(); s++) {
            StageFactors factors = WeightFormat.readFrame(reader, plan, s, parameters());
            stages.add(form == PlaintextForm.RESIDUES ? factors.expanded() : factors);
        }
        return with(new EncryptedWeights(encrypted.model(), encrypted.keyPair(), stages));
    }

    static PackedProgram read(PayloadReader in, RlweParameters parameters) throws IOException {
        TensorShape shape = TensorShape.read(in);
        PlaintextForm form =
                PlaintextForm.values()[readOrdinal(in, "form of plaintexts", PlaintextForm.values().length)];
        Kind kind = Kind.values()[readOrdinal(in, "kind of weights", Kind.values().length)];
        PackedPlan plan = PackedFormat.read(in, parameters.n() / 2, shape);
        byte[] salt = kind == Kind.OWNED ? in.readBytes(Seed.BYTES, Seed.BYTES) : new byte[0];
        PackedWeights weights = kind == Kind.ENCRYPTED
                ? new EncryptedWeights(Fingerprint.read(in), Fingerprint.read(in), List.of())
                : WeightFormat.read(in, plan, shape, kind == Kind.OWNED);
        return new PackedProgram(parameters, shape, plan, form, weights, salt, false, null);
    }

    private static int readOrdinal(PayloadReader in, String what, int count) throws IOException {
        int ordinal = in.readUnsignedByte();
        if (ordinal >= count) {
            throw in.corrupt("a " + what + " that this version knows", Integer.toString(ordinal));
        }
        return ordinal;
    }
}
