package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.nn.packed.DiagonalCover.Shift;
import org.veil4j.he.ring.Workers;

/**
 * Searches a layout for each tensor of a network, stage by stage, with a beam of the cheapest ways so far. A layout is judged by
 * the diagonals of one position in the middle of its maps: convolutions treat all positions alike. The winner's diagonals are then
 * found for all positions, so a layout that was misjudged is dearer than thought, never wrong.
 *
 * <p>Copies are what makes this a search: an unfolded stage writes copies for nothing, into blocks or gaps, and the next stage
 * shares its products among them and folds; but copies that a fold leaves are useless for the next fold.
 */
final class LayoutSearch {
    /** Ways that are kept at each stage. */
    private static final int BEAM = 16;

    private final List<PackedStage> stages;
    private final Grid grid;
    private final IntFunction<StageCost> costs;

    /** A tensor's place among those that may be chosen; no channel map for vectors. */
    private record Option(
            Placement placement, int fold, @Nullable ChannelMap map) {}

    /** What was chosen for a stage. */
    private record Choice(Option option, int modulus, List<List<Shift>> shifts, BabyGiantSplit split) {}

    /** A way to lay out the first stages. */
    private record Way(Placement input, List<Choice> choices, boolean[] known, double price) {
        Placement source(int source) {
            return source == PackedStage.INPUT ? input : choices.get(source / 2).option.placement;
        }
    }

    private LayoutSearch(List<PackedStage> stages, Grid grid, IntFunction<StageCost> costs) {
        this.stages = stages;
        this.grid = grid;
        this.costs = costs;
    }

    /**
     * Layouts of a network's tensors.
     *
     * @param slots slots of a ciphertext
     * @param images images that share them
     * @param costs prices at each stage
     * @throws IllegalArgumentException if one channel of the images' largest map does not fit a ciphertext
     */
    static PackedLayout search(
            List<PackedStage> stages, TensorShape input, int slots, int images, IntFunction<StageCost> costs) {
        Grid grid = Grid.of(slots / images, input, stages);
        if (!grid.fits()) {
            throw new IllegalArgumentException("images=" + images + ": leave " + grid.slots() + " of " + slots
                    + " slots to each, and an image of " + input + " needs at least "
                    + (long) grid.rows() * grid.columns()
                    + " for a channel of its largest map; use a larger ring or fewer"
                    + " images a ciphertext");
        }
        return new LayoutSearch(stages, grid, costs).run(input);
    }

    private PackedLayout run(TensorShape input) {
        Gap[] gaps = gaps(input);
        List<Way> ways = new ArrayList<>();
        for (Option o : options(input, Gap.NONE)) {
            ways.add(new Way(o.placement, List.of(), BabyGiantSplit.noKeys(grid.slots()), 0));
        }
        for (int s = 0; s < stages.size(); s++) {
            ways = extend(ways, s, options(stages.get(s).shape(), gaps[s]));
        }
        Way best = ways.get(0);
        List<StageLayout> layouts = new ArrayList<>();
        for (int s = 0; s < stages.size(); s++) {
            layouts.add(complete(best, s));
        }
        return new PackedLayout(grid, best.input, layouts);
    }

    private Gap[] gaps(TensorShape input) {
        Gap[] gaps = new Gap[stages.size()];
        for (int s = 0; s < gaps.length; s++) {
            int source = stages.get(s).sources()[0];
            TensorShape from =
                    source == PackedStage.INPUT ? input : stages.get(source / 2).shape();
            Gap gap = source == PackedStage.INPUT ? Gap.NONE : gaps[source / 2];
            gaps[s] = gap.after(from, stages.get(s).shape(), grid);
        }
        return gaps;
    }

    private static boolean isMap(TensorShape shape) {
        return shape.height() * shape.width() > 1;
    }

    private List<Option> options(TensorShape shape, Gap gap) {
        if (!isMap(shape)) {
            return List.of(new Option(Placement.vector(grid.slots(), shape.size()), 0, null));
        }
        List<Option> options = new ArrayList<>();
        for (ChannelMap map : ChannelMap.candidates(grid, gap, shape.channels())) {
            Placement placement = Placement.grid(grid, shape, gap, map);
            for (int fold = 1; placement.period() * fold <= grid.slots(); fold *= 2) {
                options.add(new Option(placement, fold, map));
            }
        }
        return options;
    }

    private List<Way> extend(List<Way> ways, int stage, List<Option> options) {
        Way[] found = new Way[ways.size() * options.size()];
        Workers.forEach(
                found.length,
                i -> found[i] = extended(ways.get(i / options.size()), stage, options.get(i % options.size())));
        Map<Option, Way> byOption = new HashMap<>();
        for (int i = 0; i < found.length; i++) {
            Way way = found[i];
            if (way != null) {
                byOption.merge(options.get(i % options.size()), way, (a, b) -> b.price < a.price ? b : a);
            }
        }
        List<Way> sorted = new ArrayList<>();
        for (Option option : options) {
            Way way = byOption.get(option);
            if (way != null) {
                sorted.add(way);
            }
        }
        sorted.sort(Comparator.comparingDouble(Way::price));
        return new ArrayList<>(sorted.subList(0, Math.min(BEAM, sorted.size())));
    }

    /** A way with one more stage; null where the option's fold does not fit. */
    private @Nullable Way extended(Way way, int index, Option option) {
        PackedStage stage = stages.get(index);
        Placement[] in = sources(way, stage);
        int modulus = modulus(in, option.placement);
        boolean vector = option.map == null;
        int fold = vector ? modulus / option.placement.period() : option.fold;
        if (option.placement.period() * fold > modulus) {
            return null;
        }
        List<List<Shift>> shifts = new ArrayList<>();
        for (int[] outAt : option.placement.at()) {
            if (vector) {
                shifts.add(allShifts(in, modulus / fold));
            } else {
                DiagonalCover cover = new DiagonalCover(stage, in, outAt, modulus, fold, grid);
                int plane = stage.shape().height() * stage.shape().width();
                int middle = stage.shape().height() / 2 * stage.shape().width()
                        + stage.shape().width() / 2;
                shifts.add(cover.choose(cover.slotsOf(middle, plane), modulus));
            }
        }
        StageCost cost = costs.apply(index);
        BabyGiantSplit.Priced split = BabyGiantSplit.best(grid.slots(), shifts, grid, way.known, cost.prices());
        int products = shifts.stream().mapToInt(List::size).sum();
        int outputs = option.placement.ciphertexts();
        int folds = Integer.numberOfTrailingZeros(fold) * outputs;
        double price = way.price
                + split.price()
                + products * cost.product()
                + folds * cost.fold()
                + Arrays.stream(in).mapToInt(Placement::ciphertexts).sum() * cost.input()
                + outputs * cost.output();
        List<Choice> choices = new ArrayList<>(way.choices);
        choices.add(new Choice(new Option(option.placement, fold, option.map), modulus, shifts, split.split()));
        boolean[] known = way.known.clone();
        new StageLayout(option.placement, modulus, fold, shifts, split.split())
                .steps()
                .forEach(s -> known[s] = true);
        return new Way(way.input, choices, known, price);
    }

    private static Placement[] sources(Way way, PackedStage stage) {
        Placement[] in = new Placement[stage.sources().length];
        for (int i = 0; i < in.length; i++) {
            in[i] = way.source(stage.sources()[i]);
        }
        return in;
    }

    private static int modulus(Placement[] in, Placement out) {
        int modulus = out.period();
        for (Placement p : in) {
            modulus = Math.max(modulus, p.period());
        }
        return modulus;
    }

    /** A vector's slot reads one residue class of slots after the other: all of them. */
    private static List<Shift> allShifts(Placement[] in, int step) {
        List<Shift> shifts = new ArrayList<>();
        for (int s = 0; s < in.length; s++) {
            for (int c = 0; c < in[s].ciphertexts(); c++) {
                for (int shift = 0; shift < Math.min(step, in[s].period()); shift++) {
                    shifts.add(new Shift(s, c, shift));
                }
            }
        }
        return shifts;
    }

    /** The diagonals of all positions: those of one, without the ones that serve nothing, and what is missing. */
    private StageLayout complete(Way way, int index) {
        PackedStage stage = stages.get(index);
        Choice choice = way.choices.get(index);
        Placement[] in = sources(way, stage);
        Placement out = choice.option.placement;
        List<List<Shift>> shifts = new ArrayList<>();
        boolean grew = false;
        for (int k = 0; k < out.ciphertexts(); k++) {
            DiagonalCover cover = new DiagonalCover(stage, in, out.at()[k], choice.modulus, choice.option.fold, grid);
            int[] all = cover.slotsOf(-1, 1);
            List<Shift> kept = new ArrayList<>();
            for (Shift s : choice.shifts.get(k)) {
                if (cover.serve(s, all, true, null) > 0) {
                    kept.add(s);
                }
            }
            List<Shift> more = cover.choose(all, choice.modulus);
            grew |= !more.isEmpty();
            kept.addAll(more);
            if (kept.isEmpty()) {
                kept.add(new Shift(0, 0, 0)); // nothing but bias: zeros give it a level and a scale
            }
            shifts.add(kept);
        }
        BabyGiantSplit split = grew
                ? BabyGiantSplit.best(
                                grid.slots(),
                                shifts,
                                grid,
                                way.known,
                                costs.apply(index).prices())
                        .split()
                : choice.split;
        return new StageLayout(out, choice.modulus, choice.option.fold, shifts, split);
    }
}
