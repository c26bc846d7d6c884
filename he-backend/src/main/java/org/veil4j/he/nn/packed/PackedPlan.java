package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.circuit.LinearTransform;
import org.veil4j.he.nn.packed.DiagonalCover.Shift;

/**
 * Stages with their layouts, levels and scales: all that an interpretation needs to run a network in the packed layout. Images in
 * one ciphertext are interleaved: slot t of image i is slot {@code t images + i}, so that every rotation keeps images apart.
 *
 * @param stages in order of execution; the last one gives the result
 * @param layout where tensors are, for one image
 * @param images images that a ciphertext holds, a power of two
 * @param levelIn level at which each stage's transform is done
 * @param inputLevel level of a fresh input
 * @param scale scale of inputs and of each stage's argument
 * @param outputScale scale of the result
 */
public record PackedPlan(
        List<PackedStage> stages,
        PackedLayout layout,
        int images,
        int[] levelIn,
        int inputLevel,
        double scale,
        double outputScale) {
    /** Copies the list. */
    public PackedPlan {
        stages = List.copyOf(stages);
    }

    /** Slots of a ciphertext, of all images. */
    public int slots() {
        return layout.grid().slots() * images;
    }

    /** Number of elements of the result. */
    public int outputs() {
        return stages.get(stages.size() - 1).shape().size();
    }

    int levelIn(int stage) {
        return levelIn[stage];
    }

    /** Scale of a stage's argument. */
    double targetScale(int stage) {
        return stage == stages.size() - 1 ? outputScale : scale;
    }

    /** For each stage the last stage that reads it; the number of stages for the last. */
    int[] lastUse() {
        int[] last = new int[stages.size()];
        for (int s = 0; s < last.length; s++) {
            last[s] = s;
            for (int source : stages.get(s).sources()) {
                if (source != PackedStage.INPUT) {
                    last[source / 2] = s;
                }
            }
        }
        last[last.length - 1] = last.length;
        return last;
    }

    /** Whether a later stage reads the argument of a stage's activation. */
    boolean tapIsRead(int stage) {
        for (PackedStage s : stages) {
            for (int source : s.sources()) {
                if (source == PackedStage.tap(stage)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** First input of each of a stage's sources among the inputs of its transform, and their number at the end. */
    int[] firstInput(int stage) {
        int[] sources = stages.get(stage).sources();
        int[] first = new int[sources.length + 1];
        for (int i = 0; i < sources.length; i++) {
            first[i + 1] = first[i] + layout.source(sources[i]).ciphertexts();
        }
        return first;
    }

    /** The linear part of a stage. Takes a while, and 8 bytes a slot and diagonal: use one after the other. */
    LinearTransform transform(int stage) {
        return transform(stage, null);
    }

    /** The linear part of a stage with zeros for weights: as many rotations and products, for counting. */
    LinearTransform shape(int stage) {
        return transform(stage, new double[slots()]);
    }

    private LinearTransform transform(int stage, double @Nullable [] inPlaceOfWeights) {
        PackedStage s = stages.get(stage);
        StageLayout l = layout.stages().get(stage);
        Placement[] in = new Placement[s.sources().length];
        for (int i = 0; i < in.length; i++) {
            in[i] = layout.source(s.sources()[i]);
        }
        int[] firstInput = firstInput(stage);
        List<List<LinearTransform.Giant>> outputs = new ArrayList<>();
        for (int k = 0; k < l.shifts().size(); k++) {
            DiagonalCover cover = new DiagonalCover(s, in, l.placement().at()[k], l.modulus(), l.fold(), layout.grid());
            int[] all = cover.slotsOf(-1, 1);
            TreeMap<Integer, List<LinearTransform.Diagonal>> giants = new TreeMap<>();
            for (Shift shift : l.shifts().get(k)) {
                int giant = l.split().giant(shift.shift());
                double[] values = inPlaceOfWeights;
                if (values == null) {
                    double[] weights = new double[layout.grid().slots()];
                    cover.serve(shift, all, true, weights);
                    values = interleaved(weights, giant);
                }
                giants.computeIfAbsent(giant, g -> new ArrayList<>())
                        .add(new LinearTransform.Diagonal(
                                firstInput[shift.source()] + shift.ciphertext(),
                                l.split().baby(shift.shift()) * images,
                                values));
            }
            outputs.add(nested(l.split(), l.split().giants(l.shifts().get(k)), giants));
        }
        return new LinearTransform(slots(), firstInput[in.length], outputs);
    }

    private List<LinearTransform.Giant> nested(
            BabyGiantSplit split, int[] order, Map<Integer, List<LinearTransform.Diagonal>> diagonals) {
        int[] rotations = split.rotations(order);
        List<LinearTransform.Giant> giants = new ArrayList<>();
        for (int i = 0; i < order.length; i++) {
            giants.add(
                    new LinearTransform.Giant(rotations[i] * images, Objects.requireNonNull(diagonals.get(order[i]))));
        }
        return giants;
    }

    /** The same numbers for all images, rotated to the right by a giant step. */
    private double[] interleaved(double[] values, int giant) {
        int mask = values.length - 1;
        double[] all = new double[slots()];
        for (int t = 0; t < all.length; t++) {
            all[t] = values[t / images - giant & mask];
        }
        return all;
    }

    /** Numbers that are added to each ciphertext of a stage's argument. */
    double[][] bias(int stage) {
        double[][] one =
                layout.stages().get(stage).placement().place(stages.get(stage).bias());
        double[][] all = new double[one.length][];
        for (int c = 0; c < all.length; c++) {
            all[c] = interleaved(one[c], 0);
        }
        return all;
    }

    /** The rotations that add up a stage's classes. */
    int[] foldSteps(int stage) {
        int[] steps = layout.stages().get(stage).foldSteps();
        for (int i = 0; i < steps.length; i++) {
            steps[i] *= images;
        }
        return steps;
    }

    /** For each ciphertext of an input, then slot: image times size plus element, or -1. */
    public int[][] inputMap(int size) {
        return map(layout.input(), size);
    }

    /** The same of the result. */
    public int[][] outputMap() {
        return map(layout.stages().get(stages.size() - 1).placement(), outputs());
    }

    private int[][] map(Placement placement, int size) {
        int[][] map = new int[placement.ciphertexts()][slots()];
        for (int c = 0; c < map.length; c++) {
            for (int t = 0; t < map[c].length; t++) {
                int element = placement.at()[c][t / images];
                map[c][t] = element == Placement.NONE ? Placement.NONE : t % images * size + element;
            }
        }
        return map;
    }

    /** Names of the stages. */
    public List<String> stageNames() {
        return stages.stream().map(PackedStage::name).toList();
    }

    /** Diagonals of all stages. */
    public long products() {
        long sum = 0;
        for (StageLayout s : layout.stages()) {
            sum += s.products();
        }
        return sum;
    }

    /** One line for each stage: what it does, and what that takes. */
    public List<String> describe() {
        List<String> lines = new ArrayList<>();
        for (int s = 0; s < stages.size(); s++) {
            StageLayout l = layout.stages().get(s);
            lines.add(stages.get(s) + ", level " + levelIn[s] + ", "
                    + l.placement().ciphertexts() + " ciphertexts, " + l.products() + " diagonals, "
                    + l.split().steps(l.shifts()).size() + " rotations" + (l.fold() > 1 ? ", fold " + l.fold() : ""));
        }
        return lines;
    }
}
