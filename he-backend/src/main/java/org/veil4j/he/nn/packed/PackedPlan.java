package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.veil4j.he.circuit.LinearTransform;
import org.veil4j.he.nn.packed.DiagonalCover.Shift;

/**
 * Stages with their layouts, levels and scales: all that an interpretation needs to run a network in the packed layout, but for the
 * weights ({@link PackedWeights}). Public: it tells which products there are, and no factor of any. Images in one ciphertext are interleaved: slot t of image i is slot {@code t images + i}, so that every rotation keeps images apart.
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
        List<StageStructure> stages,
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

    /** A plan of stages, without their weights. */
    static PackedPlan of(
            List<PackedStage> stages,
            PackedLayout layout,
            int images,
            int[] levelIn,
            int inputLevel,
            double scale,
            double outputScale) {
        List<StageStructure> structures =
                stages.stream().map(PackedStage::structure).toList();
        return new PackedPlan(structures, layout, images, levelIn, inputLevel, scale, outputScale);
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
        for (StageStructure s : stages) {
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

    /** Where a stage's sources are. */
    Placement[] sources(int stage) {
        int[] sources = stages.get(stage).sources();
        Placement[] in = new Placement[sources.length];
        for (int i = 0; i < in.length; i++) {
            in[i] = layout.source(sources[i]);
        }
        return in;
    }

    /** The linear part of a stage with zeros for weights: as many rotations and products. */
    LinearTransform shape(int stage) {
        double[] zeros = new double[slots()];
        return transform(stage, (output, shift) -> zeros);
    }

    /** Gives numbers, one a slot. */
    @FunctionalInterface
    interface Diagonals {
        /** The numbers of a shift, by output and place among its shifts, rotated to the right by its giant step. */
        double[] get(int output, int shift);
    }

    /** The linear part of a stage. */
    LinearTransform transform(int stage, Diagonals diagonals) {
        StageLayout l = layout.stages().get(stage);
        int[] firstInput = firstInput(stage);
        List<List<LinearTransform.Giant>> outputs = new ArrayList<>();
        for (int k = 0; k < l.shifts().size(); k++) {
            TreeMap<Integer, List<LinearTransform.Diagonal>> giants = new TreeMap<>();
            List<Shift> shifts = l.shifts().get(k);
            for (int i = 0; i < shifts.size(); i++) {
                Shift shift = shifts.get(i);
                giants.computeIfAbsent(l.split().giant(shift.shift()), g -> new ArrayList<>())
                        .add(new LinearTransform.Diagonal(
                                firstInput[shift.source()] + shift.ciphertext(),
                                l.split().baby(shift.shift()) * images,
                                diagonals.get(k, i)));
            }
            outputs.add(nested(l.split(), l.split().giants(l.shifts().get(k)), giants));
        }
        return new LinearTransform(slots(), firstInput[firstInput.length - 1], outputs);
    }

    /** A scale after a rescale by the prime of a level. */
    @FunctionalInterface
    interface Rescaling {
        /** The scale. */
        double rescaledScale(int level, double scale);
    }

    /** The scale of each input of each stage's transform: squares keep the scale that their rescaling gives. */
    double[][] inputScales(Rescaling rescaling) {
        double[][] scales = new double[stages.size()][];
        double[] result = new double[scales.length];
        for (int s = 0; s < scales.length; s++) {
            StageStructure stage = stages.get(s);
            int[] first = firstInput(s);
            scales[s] = new double[first[first.length - 1]];
            for (int i = 0; i < stage.sources().length; i++) {
                int source = stage.sources()[i];
                double from = source == PackedStage.INPUT || PackedStage.isTap(source) ? scale : result[source / 2];
                Arrays.fill(scales[s], first[i], first[i + 1], from);
            }
            double target = targetScale(s);
            result[s] = stage.activation() == PackedStage.Activation.SQUARE
                    ? rescaling.rescaledScale(levelIn[s] - 1, target * target)
                    : target;
        }
        return scales;
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
    double[] interleaved(double[] values, int giant) {
        int mask = values.length - 1;
        double[] all = new double[slots()];
        for (int t = 0; t < all.length; t++) {
            all[t] = values[t / images - giant & mask];
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
        return stages.stream().map(StageStructure::name).toList();
    }

    /** Names of stages whose activations are polynomials with coefficients of their own, which the plan holds. */
    public List<String> publicActivations() {
        return stages.stream()
                .filter(s -> s.polynomial() != null)
                .map(StageStructure::name)
                .toList();
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
