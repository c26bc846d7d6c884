package org.veil4j.he.nn;

import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.CostAlgebra;
import org.veil4j.he.circuit.SlotAlgebra;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.nn.layout.TensorLayout;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * A network as a circuit over slots: what a compiled model runs. One form for each way to lay tensors out; whoever has a
 * program need not know which. Immutable.
 */
abstract sealed class Program permits BatchProgram {
    private final RlweParameters parameters;
    private final TensorLayout inputLayout;
    private final TensorLayout outputLayout;

    Program(RlweParameters parameters, TensorLayout inputLayout, TensorLayout outputLayout) {
        if (inputLayout.images() != outputLayout.images()) {
            throw new IllegalArgumentException("outputLayout: holds " + outputLayout.images() + " images, must hold "
                    + inputLayout.images() + " as the input's");
        }
        this.parameters = parameters;
        this.inputLayout = inputLayout;
        this.outputLayout = outputLayout;
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

    /** Level of fresh inputs: the levels that a run uses up. */
    abstract int inputLevel();

    /** Scale of fresh inputs. */
    abstract double inputScale();

    /** One line for each stage. */
    abstract List<String> stages();

    /**
     * The program ready to run over an interpretation. What runs can share is made here, once; several may go on at a time.
     *
     * @param <C> a vector of slots
     */
    abstract <C> Circuit<C> over(SlotAlgebra<C> algebra);

    /** What one run does and needs, counted once. */
    abstract CostAlgebra cost();

    /** Exactly the keys that a run needs. */
    abstract KeyRequest keys();

    /** Memory of a run on the given number of threads. */
    abstract MemoryModel memory(int threads);

    /**
     * How large values become.
     *
     * @param samples images before normalisation; null for none
     * @throws IllegalArgumentException if they are of another size or leave the input range
     */
    abstract ValueRanges ranges(CompileOptions options, @Nullable ImageBatch samples);

    /** Writes all that {@link #read} needs, without parameters and tag. */
    abstract void write(DataOutput out) throws IOException;

    /**
     * Reads a program.
     *
     * @param tag what {@link #tag} gave when it was written
     * @throws org.veil4j.he.io.CorruptDataException if it makes no sense, or is of a form that this version does not know
     */
    static Program read(String tag, PayloadReader in, RlweParameters parameters) throws IOException {
        if (!tag.equals(BatchProgram.TAG)) {
            throw in.corrupt("a program that this version knows: " + BatchProgram.TAG, tag);
        }
        Program program = BatchProgram.read(in, parameters);
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
