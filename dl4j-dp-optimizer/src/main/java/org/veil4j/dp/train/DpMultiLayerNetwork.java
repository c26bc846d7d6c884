package org.veil4j.dp.train;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.FwdPassType;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.Solver;
import org.deeplearning4j.optimize.api.ConvexOptimizer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.optimize.solvers.accumulation.GradientsAccumulator;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.dp.mechanism.ClippingStatistics;

/**
 * A MultiLayerNetwork that is trained with differential privacy, in place of the stock class. The updaters in its
 * configuration carry the plan: {@code .updater(new DpAdam(1e-3, plan))}. Every gradient that a step leaves behind is
 * clipped and noised; whatever would hand out another one, or train with it, is refused. All but training is as in the stock
 * class.
 *
 * <p>Saved as ever (by {@code ModelSerializer}, with or without updater state), {@link #restore} goes on with the steps
 * already taken. The parameters may be published together with {@link #guarantee}. {@link #lastStep}, {@link #score()} and
 * whatever is evaluated on training data are not private. Listeners see private gradients only and must not change them;
 * {@code onForwardPass} is not called, as activations could be changed there.
 */
@SuppressWarnings({"try", "overrides"}) // workspaces as resources; the stock class itself lacks varargs
public class DpMultiLayerNetwork extends MultiLayerNetwork implements PrivateNetwork {
    private transient @Nullable PrivateEngine engine;
    private transient @Nullable PrivateFit fit;

    /**
     * Like the stock constructor; call {@link #init()} next.
     *
     * @throws UnsupportedUnderDpException when the configuration cannot be trained privately, with all problems
     */
    public DpMultiLayerNetwork(MultiLayerConfiguration configuration) {
        super(configuration);
        DpCompatibility.check(configuration);
    }

    /**
     * A private network that goes on where another one stands: parameters and updater state (copied), counters, listeners,
     * and the ledger of its updaters.
     *
     * @param network with private updaters, for instance from {@code ModelSerializer}
     * @throws UnsupportedUnderDpException when it cannot be trained privately
     * @throws PrivacyGuardException when it has been trained without its plan since
     */
    public static DpMultiLayerNetwork of(MultiLayerNetwork network) {
        network.init();
        OutsideTraining.refuse(network);
        DpMultiLayerNetwork copy =
                new DpMultiLayerNetwork(network.getLayerWiseConfigurations().clone());
        copy.init(network.params().dup(), false);
        Updater updater = network.getUpdater(false);
        if (updater != null && updater.getStateViewArray() != null) {
            copy.getUpdater().setStateViewArray(copy, updater.getStateViewArray(), false);
        }
        copy.setListeners(new ArrayList<>(network.getListeners()));
        return copy;
    }

    /** A private network from a file of {@code ModelSerializer}; the file's stock kind must be MultiLayerNetwork. */
    public static DpMultiLayerNetwork restore(File file) throws IOException {
        return of(ModelSerializer.restoreMultiLayerNetwork(file, true));
    }

    /** A copy, which spends from the same ledger. */
    @Override
    public DpMultiLayerNetwork clone() {
        return of(this);
    }

    /** For Java serialisation: a form that is read as a private network again. */
    protected Object writeReplace() throws IOException {
        return new SavedNetwork(this, false);
    }

    @Override
    public void init(@Nullable INDArray parameters, boolean cloneParametersArray) {
        super.init(parameters, cloneParametersArray);
        if (engine == null) {
            ConfigurationScan scan = new ConfigurationScan(true);
            DpCompatibility.refuse(scan.of(layerWiseConfigurations));
            PrivateModel model = new Access();
            engine = new PrivateEngine(model, scan.privateUpdaters());
            fit = new PrivateFit(model, engine);
        }
    }

    /** The steps spent; shared with clones and with every network built from the same configuration. */
    @Override
    public PrivacyLedger ledger() {
        return engine().ledger();
    }

    /** What clipping did in the last step. Not private: do not publish. */
    @Override
    public ClippingStatistics lastStep() {
        return engine().lastStep();
    }

    private PrivateEngine engine() {
        if (engine == null) {
            init();
        }
        return Objects.requireNonNull(engine);
    }

    private PrivateFit training() {
        engine();
        return Objects.requireNonNull(fit);
    }

    /** One epoch of a {@link PoissonSampler}, or (under a plan for shuffled batches) one pass of any iterator. */
    @Override
    public synchronized void fit(DataSetIterator iterator) {
        training().fit(iterator, 1);
    }

    /** Epochs of a {@link PoissonSampler}, or (under a plan for shuffled batches) passes of any iterator. */
    @Override
    public synchronized void fit(DataSetIterator iterator, int numEpochs) {
        training().fit(iterator, numEpochs);
    }

    /** Under a plan for shuffled batches only: one pass. */
    @Override
    public synchronized void fit(MultiDataSetIterator iterator) {
        training().fit(iterator, 1);
    }

    /** Under a plan for shuffled batches only: passes. */
    @Override
    public synchronized void fit(MultiDataSetIterator iterator, int numEpochs) {
        training().fit(iterator, numEpochs);
    }

    /** Under a plan for shuffled batches only: one batch, accounted as an epoch. */
    @Override
    public synchronized void fit(
            INDArray features, INDArray labels, @Nullable INDArray featuresMask, @Nullable INDArray labelsMask) {
        training()
                .fitBatch(
                        new INDArray[] {features},
                        new INDArray[] {labels},
                        featuresMask == null ? null : new INDArray[] {featuresMask},
                        labelsMask == null ? null : new INDArray[] {labelsMask});
    }

    /** Under a plan for shuffled batches only: one batch, accounted as an epoch. */
    @Override
    public synchronized void fit(MultiDataSet data) {
        training()
                .fitBatch(
                        data.getFeatures(), data.getLabels(), data.getFeaturesMaskArrays(), data.getLabelsMaskArrays());
    }

    /** Only from within {@code fit}: makes the gradient of the step's batch private. Refused otherwise. */
    @Override
    public void computeGradientAndScore() {
        engine().computeGradient();
    }

    /** Only from within {@code fit}. Refused otherwise. */
    @Override
    public void computeGradientAndScore(LayerWorkspaceMgr workspaces) {
        computeGradientAndScore();
    }

    @Override
    public Pair<Gradient, Double> gradientAndScore() {
        engine().beforeUpdate();
        return super.gradientAndScore();
    }

    /** While DL4J updates parameters 1, as the private gradient is divided already; otherwise the stock value. */
    @Override
    public int batchSize() {
        return engine != null && engine.isUpdating() ? 1 : super.batchSize();
    }

    /** Like the stock method. Parameters from elsewhere are not covered by the guarantee; the next steps are. */
    @Override
    public void setParams(INDArray params) {
        super.setParams(params);
        if (engine != null) {
            engine.afterUpdate();
        }
    }

    /** Refused: files take the plan from the configuration. */
    @Override
    public void setLayerWiseConfigurations(MultiLayerConfiguration configuration) {
        throw Refusals.configuration();
    }

    /** Refused unless null: an accumulator shares updates outside of the plan. */
    @Override
    public void setGradientsAccumulator(@Nullable GradientsAccumulator accumulator) {
        if (accumulator != null) {
            throw Refusals.accumulator();
        }
    }

    /** Refused: would apply a gradient that was not made here. */
    @Override
    public void update(Gradient gradient) {
        throw Refusals.update();
    }

    /** Refused: would apply a gradient that was not made here. */
    @Override
    public void update(INDArray gradient, String paramType) {
        throw Refusals.update();
    }

    /** Refused: hands out a gradient without clipping and noise. */
    @Override
    public Pair<Gradient, INDArray> calculateGradients(
            INDArray features, INDArray label, @Nullable INDArray fMask, @Nullable INDArray labelMask) {
        throw Refusals.gradient("calculateGradients");
    }

    /** Refused: hands out a gradient without clipping and noise. */
    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        throw Refusals.gradient("backpropGradient");
    }

    /** Refused: trains without clipping and noise. */
    @Override
    public void pretrain(DataSetIterator iterator, int numEpochs) {
        throw Refusals.pretrain();
    }

    /** Refused: trains without clipping and noise. */
    @Override
    public void pretrainLayer(int layer, DataSetIterator iterator, int numEpochs) {
        throw Refusals.pretrain();
    }

    /** Refused: trains without clipping and noise. */
    @Override
    public void pretrainLayer(int layer, INDArray features) {
        throw Refusals.pretrain();
    }

    /** What DL4J's computeGradientAndScore does, but for listeners and regularisation, which come later. */
    private double propagate(LogicalBatch.Examples examples) {
        clearLayerMaskArrays();
        setInput(examples.features()[0]);
        setLabels(examples.labels()[0]);
        synchronizeIterEpochCounts();
        LayerWorkspaceMgr workspaces = workspaces();
        int last = layers.length - 1;
        try (MemoryWorkspace all = workspaces.notifyScopeEntered(ArrayType.ACTIVATIONS)) {
            List<INDArray> activations =
                    ffToLayerActivationsInWs(last - 1, FwdPassType.STANDARD, false, input, null, null);
            INDArray lastInput = activations.get(activations.size() - 1);
            if (layerWiseConfigurations.getInputPreProcess(last) != null) {
                lastInput = layerWiseConfigurations
                        .getInputPreProcess(last)
                        .preProcess(lastInput, getInputMiniBatchSize(), workspaces);
            }
            getOutputLayer().setInput(lastInput, workspaces);
            calcBackpropGradients(null, true, false, false);
            try (MemoryWorkspace working = workspaces.notifyScopeEntered(ArrayType.FF_WORKING_MEM)) {
                return ((IOutputLayer) getOutputLayer()).computeScore(calcRegularizationScore(true), true, workspaces);
            }
        }
    }

    private Solver solver() {
        if (solver == null) {
            try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
                solver = new Solver.Builder()
                        .configure(conf())
                        .listeners(getListeners())
                        .model(this)
                        .build();
            }
        }
        return solver;
    }

    private LayerWorkspaceMgr workspaces() {
        return StepWorkspaces.of(
                layerWiseConfigurations.getTrainingWorkspaceMode(),
                WS_ALL_LAYERS_ACT_CONFIG,
                WS_LAYER_WORKING_MEM_CONFIG,
                helperWorkspaces);
    }

    /** What the engine may do with this network. */
    private final class Access implements PrivateModel {
        private int[] trainable() {
            int[] indices = new int[layers.length];
            int count = 0;
            for (int i = 0; i < layers.length; i++) {
                if (layers[i].numParams() > 0) {
                    indices[count++] = i;
                }
            }
            return Arrays.copyOf(indices, count);
        }

        @Override
        public Layer[] layers() {
            int[] indices = trainable();
            Layer[] found = new Layer[indices.length];
            for (int i = 0; i < found.length; i++) {
                found[i] = layers[indices[i]];
            }
            return found;
        }

        @Override
        public String prefix(int layer) {
            return String.valueOf(trainable()[layer]);
        }

        @Override
        public boolean readsNetworkInput(int layer) {
            return trainable()[layer] == 0;
        }

        @Override
        public List<NetworkPart> parts() {
            return NetworkPart.of(layers, layerWiseConfigurations);
        }

        @Override
        public void replace(int layer, Layer implementation) {
            int index = trainable()[layer];
            layers[index] = implementation;
            layerMap.put(implementation.conf().getLayer().getLayerName(), implementation);
        }

        @Override
        public List<UpdaterBlock> updaterBlocks() {
            try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
                if (getUpdater() instanceof BaseMultiLayerUpdater<?> updater) {
                    return updater.getUpdaterBlocks();
                }
            }
            throw new PrivacyGuardException(
                    "updater: was replaced by one of an unknown kind; call setUpdater(null) to go back");
        }

        @Override
        public void clearBatch() {
            clearLayersStates();
            synchronizeIterEpochCounts();
        }

        @Override
        public Model network() {
            return DpMultiLayerNetwork.this;
        }

        @Override
        public void renewGradients() {
            flattenedGradients = null;
            initGradientsView();
        }

        @Override
        public INDArray flattenedGradients() {
            if (flattenedGradients == null) {
                initGradientsView();
            }
            return flattenedGradients;
        }

        @Override
        public long parameters() {
            return params().length();
        }

        @Override
        public List<DpCompatibility.Problem> scan(ConfigurationScan scan) {
            return scan.of(layerWiseConfigurations);
        }

        @Override
        public double propagate(LogicalBatch.Examples examples) {
            return DpMultiLayerNetwork.this.propagate(examples);
        }

        @Override
        public void score(double value) {
            score = value;
        }

        @Override
        public void show(Gradient value) {
            gradient = value;
        }

        @Override
        public @Nullable Gradient shown() {
            return gradient;
        }

        @Override
        public ConvexOptimizer optimizer() {
            return solver().getOptimizer();
        }

        @Override
        public void optimize() {
            solver().optimize(workspaces());
        }

        @Override
        public Collection<TrainingListener> listeners() {
            return getListeners();
        }

        @Override
        public int iterations() {
            return layerWiseConfigurations.getIterationCount();
        }

        @Override
        public void countEpoch() {
            incrementEpochCount();
        }
    }
}
