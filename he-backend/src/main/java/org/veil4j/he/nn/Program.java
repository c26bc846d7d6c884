package org.veil4j.he.nn;

import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.CostAlgebra;
import org.veil4j.he.circuit.CostSlots;
import org.veil4j.he.circuit.PlaintextForm;
import org.veil4j.he.circuit.SlotAlgebra;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameFile;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.layout.TensorLayout;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * A network as a circuit over slots: what a compiled model runs. One form for each way to lay tensors out; whoever has a
 * program need not know which. Immutable.
 */
abstract sealed class Program permits BatchProgram, PackedProgram {
    private final RlweParameters parameters;
    private final TensorLayout inputLayout;
    private final TensorLayout outputLayout;
    private @Nullable CostAlgebra cost;

    /**
     * A program.
     *
     * @param cost of a run, if it has been counted already
     */
    Program(
            RlweParameters parameters,
            TensorLayout inputLayout,
            TensorLayout outputLayout,
            @Nullable CostAlgebra cost) {
        if (inputLayout.images() != outputLayout.images()) {
            throw new IllegalArgumentException("outputLayout: holds " + outputLayout.images() + " images, must hold "
                    + inputLayout.images() + " as the input's");
        }
        this.parameters = parameters;
        this.inputLayout = inputLayout;
        this.outputLayout = outputLayout;
        this.cost = cost;
    }

    /** Encryption parameters that the program was planned for. */
    final RlweParameters parameters() {
        return parameters;
    }

    /** What is in the slots of an input. */
    final TensorLayout inputLayout() {
        return inputLayout;
    }

    /** What is in the slots of a result; for as many images. */
    final TensorLayout outputLayout() {
        return outputLayout;
    }

    /** Name of the form, as in model files. */
    abstract String tag();

    /** Whether the server may know the weights. */
    WeightSecrecy weights() {
        return WeightSecrecy.PLAIN;
    }

    /** What names a model of this program, where that does not follow from what {@link #write} writes; else null. */
    @Nullable
    Fingerprint fingerprint() {
        return null;
    }

    /** Names the key pair that the weights are encrypted under; null while they are in the clear. */
    @Nullable
    Fingerprint keyPair() {
        return null;
    }

    /** Remarks for people. */
    List<String> notes() {
        return List.of();
    }

    /** How a server keeps the diagonals that it multiplies by. */
    abstract PlaintextForm plaintextForm();

    /** Level of fresh inputs: the levels that a run uses up. */
    abstract int inputLevel();

    /** Scale of fresh inputs. */
    abstract double inputScale();

    /** Products of a ciphertext and a plaintext, or a weight, in a run. */
    abstract long products();

    /** One line for each stage. */
    abstract List<String> stages();

    /**
     * The program ready to run over an interpretation. What runs can share is made here, once; several may go on at a time.
     *
     * @param <C> a vector of slots
     */
    abstract <C> Circuit<C> over(SlotAlgebra<C> algebra);

    /** What one run does and needs. The first time it takes a counted run, unless the planner has made one. */
    final synchronized CostAlgebra cost() {
        CostAlgebra counted = cost;
        if (counted == null) {
            counted = count();
            cost = counted;
        }
        return counted;
    }

    /** Counts a run. */
    CostAlgebra count() {
        CostAlgebra counter = CostAlgebra.of(parameters, PlaintextForm.RESIDUES);
        CostSlots fresh = new CostSlots(inputLevel(), inputScale(), 1);
        over(counter)
                .run(new ArrayList<>(Collections.nCopies(inputLayout.ciphertexts(), fresh)), InferenceListener.NONE);
        return counter;
    }

    /** Exactly the keys that a run needs, each up to its level. Costs as much. */
    final KeyRequest keys() {
        return cost().keyRequest();
    }

    /** Memory of a run on the given number of threads. */
    abstract MemoryModel memory(int threads);

    /** Memory of a run whose weights are all in memory, even if this program's are streamed. */
    MemoryModel memoryKept(int threads) {
        return memory(threads);
    }

    /**
     * How large values become.
     *
     * @param samples images before normalisation; null for none
     * @throws IllegalArgumentException if they are of another size or leave the input range
     */
    abstract ValueRanges ranges(CompileOptions options, @Nullable ImageBatch samples);

    /** Writes all that {@link #read} needs, without parameters and tag. */
    abstract void write(DataOutput out) throws IOException;

    /** Writes what is too large for one frame, in frames that follow the program's. */
    void writeRest(FrameWriter writer) throws IOException {}

    /**
     * This program, which has just been read, with what {@link #writeRest} wrote left in a file, and read when it is used.
     *
     * @param first the first frame that follows the program's
     */
    Program withRestIn(FrameFile file, int first) throws IOException {
        return this;
    }

    /** Whether runs read the weights from a file. */
    boolean isStreamed() {
        return false;
    }

    /** This program, which has just been read, with what {@link #writeRest} wrote. */
    Program withRest(FrameReader reader) throws IOException {
        return this;
    }

    /**
     * Reads a program.
     *
     * @param tag what {@link #tag} gave when it was written
     * @throws org.veil4j.he.io.CorruptDataException if it makes no sense, or is of a form that this version does not know
     */
    static Program read(String tag, PayloadReader in, RlweParameters parameters) throws IOException {
        Program program = switch (tag) {
            case BatchProgram.TAG -> BatchProgram.read(in, parameters);
            case PackedProgram.TAG -> PackedProgram.read(in, parameters);
            default ->
                throw in.corrupt(
                        "a program that this version knows: " + BatchProgram.TAG + " or " + PackedProgram.TAG, tag);
        };
        if (program.inputLevel() > parameters.maxLevel()) {
            throw in.corrupt("an input level up to " + parameters.maxLevel(), program.inputLevel() + "");
        }
        return program;
    }

    /**
     * A program over an interpretation. Safe for use by several threads.
     *
     * @param <C> a vector of slots
     */
    interface Circuit<C> {
        /**
         * Runs it.
         *
         * @param input one value a ciphertext of the input layout, at the input's level and scale
         * @return one value a ciphertext of the output layout
         */
        List<C> run(List<C> input, InferenceListener listener);

        /**
         * Runs parts of it on a stand-in, over and over, until the time is up: so that the compiler has seen the loops before
         * they matter.
         *
         * @param standIn any value at the input's level and scale
         */
        void warmUp(C standIn, long nanos);
    }
}
