package org.veil4j.dp.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.dp.gradient.PerExampleGradient;
import org.veil4j.dp.gradient.PerExampleLayers;
import org.veil4j.dp.mechanism.ClippingStatistics;
import org.veil4j.dp.mechanism.DpPlan;
import org.veil4j.dp.mechanism.GaussianNoise;
import org.veil4j.dp.mechanism.GradientClipper;

/**
 * One private step of either network kind: per-example gradients, clipping, sum, noise, division by the expected batch size,
 * and then DL4J's own optimizer. The gradient goes through four phases; what a phase does not allow is refused.
 *
 * <pre>
 * IDLE      --step-->                   ARMED     a batch waits, all checks have passed
 * ARMED     --computeGradientAndScore-> PRIVATE   the step is counted, the noised gradient lies in the buffer
 * PRIVATE   --gradientAndScore-->       UPDATING  the buffer is as it was published: it is sealed, updaters accept it
 * UPDATING  --setParams-->              DONE      the seal is broken; listeners hear of the iteration
 * </pre>
 *
 * However a step ends, it ends in IDLE with the seal broken.
 */
final class PrivateEngine {
    private enum Phase {
        IDLE,
        ARMED,
        PRIVATE,
        UPDATING,
        DONE
    }

    private final PrivateModel model;
    private final PrivacyLedger ledger;
    private final DpPlan plan;
    private final List<LayerSlot> slots = new ArrayList<>();
    private final double[] sum;
    private final double[][] norms;
    private final double[][] factors;
    private final GradientClipper clipper;
    private final GaussianNoise noise;
    private final NetworkChecks checks;

    private Phase phase = Phase.IDLE;
    private @Nullable LogicalBatch batch;
    private @Nullable GradientBuffer buffer;
    private @Nullable DefaultGradient gradient;
    private @Nullable GradientSeal seal;
    private ClippingStatistics lastStep = ClippingStatistics.EMPTY;
    private long noiseStream;

    /** Puts private implementations into the network's place of the stock ones. The configuration has been checked. */
    PrivateEngine(PrivateModel model, List<DpUpdater> updaters) {
        this.model = model;
        this.ledger = Ledgers.join(updaters);
        this.plan = ledger.plan();
        Layer[] layers = model.layers();
        int offset = 0;
        DataType type = DataType.FLOAT;
        for (int i = 0; i < layers.length; i++) {
            Layer layer = layers[i];
            int length = Math.toIntExact(layer.numParams());
            if (!(layer instanceof BaseWrapperLayer)) {
                layer = privateTwin(i, layer);
                type = layer.params().dataType();
            }
            slots.add(new LayerSlot(i, model.prefix(i), layer, offset, length));
            offset += length;
        }
        requireCovered(offset);
        model.renewGradients();
        sum = new double[offset];
        norms = new double[plan.physicalBatch() + 1][];
        factors = new double[plan.physicalBatch() + 1][];
        clipper = new GradientClipper(
                plan.clipping(),
                plan.clipNorm(),
                type == DataType.DOUBLE ? GradientClipper.DOUBLE_MARGIN : GradientClipper.FLOAT_MARGIN);
        noise = new GaussianNoise(plan.randomStream("noise"));
        checks = new NetworkChecks(ledger, slots, model.parts());
        OutsideTraining.mark(updaters, model.iterations());
    }

    private Layer privateTwin(int index, Layer layer) {
        Layer twin = PerExampleLayers.privateTwin(layer);
        if (twin == null) {
            throw new UnsupportedUnderDpException(List.of(new DpCompatibility.Problem(
                    "'" + model.prefix(index) + "'",
                    layer.getClass().getName() + " has no exact per-example gradient",
                    "let it implement PerExampleGradient")));
        }
        if (twin != layer) {
            model.replace(index, twin);
        }
        ((PerExampleGradient) twin).inputGradientUnused(model.readsNetworkInput(index));
        return twin;
    }

    private void requireCovered(long parameters) {
        if (parameters != model.parameters()) {
            throw new PrivacyGuardException("parameters=" + model.parameters() + ": must be the " + parameters
                    + " of the layers; something besides layers has parameters, replace it");
        }
    }

    PrivacyLedger ledger() {
        return ledger;
    }

    ClippingStatistics lastStep() {
        return lastStep;
    }

    /** Whether an update is in progress: DL4J would now divide by the batch size, which has been done. */
    boolean isUpdating() {
        return phase == Phase.UPDATING;
    }

    /** Trains one step on the batch of the supplier, which is asked after all checks have passed. */
    void step(Supplier<LogicalBatch> batches) {
        if (phase != Phase.IDLE) {
            throw new PrivacyGuardException("fit: was called from within a step; call it when the step is done");
        }
        ledger.requireSteps(1);
        List<DpUpdater> updaters = checks.check(model);
        prepareBuffer();
        batch = batches.get();
        phase = Phase.ARMED;
        try {
            model.optimize();
        } finally {
            breakSeal();
            phase = Phase.IDLE;
            batch = null;
            model.clearBatch();
            OutsideTraining.mark(updaters, model.iterations());
        }
    }

    private void prepareBuffer() {
        INDArray flattened = model.flattenedGradients();
        if (buffer == null || buffer.array() != flattened) {
            requireCovered(flattened.length());
            buffer = new GradientBuffer(flattened);
            DefaultGradient views = new DefaultGradient(flattened);
            for (LayerSlot slot : slots) {
                if (slot.isTrained()) {
                    slot.addViews(views);
                }
            }
            gradient = views;
        }
    }

    /** Called by the optimizer through the network: makes the gradient of the waiting batch, private. */
    @SuppressWarnings("try")
    void computeGradient() {
        LogicalBatch waiting = batch;
        if (phase != Phase.ARMED || waiting == null) {
            throw new PrivacyGuardException(
                    "computeGradientAndScore: would hand out a gradient without clipping and noise;"
                            + " call fit to train, score(DataSet) for a score");
        }
        batch = null;
        GradientBuffer target = Objects.requireNonNull(buffer);
        boolean done = false;
        try {
            addClippedGradients(waiting);
            long step = ledger.spend();
            noise.seek(plan.isSeededForTesting() ? step : noiseStream++);
            double deviation = plan.noiseMultiplier() * plan.clipNorm();
            for (LayerSlot slot : slots) {
                if (slot.isTrained()) {
                    noise.addTo(sum, slot.offset(), slot.offset() + slot.length(), deviation);
                }
            }
            target.publish(sum, plan.expectedBatch());
            model.show(Objects.requireNonNull(gradient));
            done = true;
        } finally {
            if (!done) {
                target.erase();
            }
            Arrays.fill(sum, 0);
        }
        phase = Phase.PRIVATE;
        try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            for (TrainingListener listener : model.listeners()) {
                listener.onBackwardPass(model.network());
            }
        }
    }

    /** Adds every example's clipped gradient to the sum, and sets the mean score. */
    private void addClippedGradients(LogicalBatch examples) {
        int size = examples.size();
        int most = plan.physicalBatch();
        int pieces = (size + most - 1) / most;
        Arrays.fill(sum, 0);
        clipper.begin();
        double score = 0;
        capture(true);
        try {
            for (int i = 0; i < pieces; i++) {
                // Pieces of equal size, give or take one example.
                int from = (int) ((long) size * i / pieces);
                int to = (int) ((long) size * (i + 1) / pieces);
                score += model.propagate(examples.piece(from, to)) * (to - from);
                addClippedGradients(to - from);
            }
        } finally {
            capture(false);
        }
        lastStep = clipper.statistics();
        if (size > 0) {
            model.score(score / size);
        }
    }

    private void addClippedGradients(int count) {
        double[] squaredNorms = sized(norms, count);
        double[] weights = sized(factors, count);
        Arrays.fill(squaredNorms, 0);
        for (LayerSlot slot : slots) {
            if (slot.isTrained()) {
                slot.gradients().addSquaredNorms(squaredNorms);
            }
        }
        clipper.factors(squaredNorms, weights);
        for (LayerSlot slot : slots) {
            if (slot.isTrained()) {
                slot.gradients().addWeightedSum(weights, sum, slot.offset());
            }
        }
    }

    private static double[] sized(double[][] arrays, int count) {
        if (arrays[count] == null) {
            arrays[count] = new double[count];
        }
        return arrays[count];
    }

    private void capture(boolean on) {
        for (LayerSlot slot : slots) {
            if (slot.isTrained()) {
                slot.gradients().capturePerExample(on);
            }
        }
    }

    /** Called by the optimizer before the update, after listeners: seals the gradient if it is still the private one. */
    void beforeUpdate() {
        if (phase != Phase.PRIVATE && phase != Phase.UPDATING) {
            return;
        }
        GradientBuffer published = Objects.requireNonNull(buffer);
        if (model.shown() != gradient || model.flattenedGradients() != published.array() || !published.isUnchanged()) {
            throw new PrivacyGuardException("gradient: was changed after noise had been added, by a listener;"
                    + " remove the listener, or put what it does into the updater");
        }
        if (seal == null) {
            seal = new GradientSeal(published.array());
            ledger.open(seal);
        }
        phase = Phase.UPDATING;
    }

    /** Called by the optimizer when parameters have been updated. */
    void afterUpdate() {
        if (phase == Phase.UPDATING) {
            breakSeal();
            phase = Phase.DONE;
        }
    }

    private void breakSeal() {
        if (seal != null) {
            ledger.close(seal);
            seal = null;
        }
    }
}
