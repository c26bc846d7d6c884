package org.veil4j.dp.train;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.FwdPassType;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.layers.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
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
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.veil4j.dp.mechanism.ClippingStatistics;

/**
 * A ComputationGraph that is trained with differential privacy, in place of the stock class. The updaters in its
 * configuration carry the plan: {@code .updater(new DpAdam(1e-3, plan))}. Every gradient that a step leaves behind is
 * clipped and noised; whatever would hand out another one, or train with it, is refused. All but training is as in the stock
 * class.
 *
 * <p>Saved as ever (by {@code ModelSerializer}, with or without updater state), {@link #restore} goes on with the steps
 * already taken. The parameters may be published together with {@link #guarantee}. {@link #lastStep}, {@link #score()} and
 * whatever is evaluated on training data are not private. Listeners see private gradients only and must not change them;
 * {@code onForwardPass} is not called, as activations could be changed there.
 */
@SuppressWarnings("try") // workspaces as resources
public class DpComputationGraph extends ComputationGraph implements PrivateNetwork {
    private transient @Nullable PrivateEngine engine;
    private transient @Nullable PrivateFit fit;

    /**
     * Like the stock constructor; call {@link #init()} next.
     *
     * @throws UnsupportedUnderDpException when the configuration cannot be trained privately, with all problems
     */
    public DpComputationGraph(ComputationGraphConfiguration configuration) {
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
    public static DpComputationGraph of(ComputationGraph network) {
        network.init();
        OutsideTraining.refuse(network);
        ComputationGraphConfiguration configuration = network.getConfiguration().clone();
        configuration.setIterationCount(network.getConfiguration().getIterationCount());
        configuration.setEpochCount(network.getConfiguration().getEpochCount());
        DpComputationGraph copy = new DpComputationGraph(configuration);
        copy.init(network.params().dup(), false);
        ComputationGraphUpdater updater = network.getUpdater(false);
        if (updater != null && updater.getStateViewArray() != null) {
            copy.getUpdater().setStateViewArray(updater.getStateViewArray());
        }
        copy.setListeners(new ArrayList<>(network.getListeners()));
        return copy;
    }

    /** A private network from a file of {@code ModelSerializer}; the file's stock kind must be ComputationGraph. */
    public static DpComputationGraph restore(File file) throws IOException {
        return of(ModelSerializer.restoreComputationGraph(file, true));
    }

    /** A copy, which spends from the same ledger. */
    @Override
    public DpComputationGraph clone() {
        return of(this);
    }

    /** For Java serialisation: a form that is read as a private network again. */
    protected Object writeReplace() throws IOException {
        return new SavedNetwork(this, true);
    }

    @Override
    public void init(@Nullable INDArray parameters, boolean cloneParametersArray) {
        super.init(parameters, cloneParametersArray);
        if (engine == null) {
            ConfigurationScan scan = new ConfigurationScan(true);
            DpCompatibility.refuse(scan.of(configuration));
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
    public synchronized void fit(DataSet data) {
        fit(data.toMultiDataSet());
    }

    /** Under a plan for shuffled batches only: one batch, accounted as an epoch. */
    @Override
    public synchronized void fit(MultiDataSet data) {
        fit(data.getFeatures(), data.getLabels(), data.getFeaturesMaskArrays(), data.getLabelsMaskArrays());
    }

    /** Under a plan for shuffled batches only: one batch, accounted as an epoch. */
    @Override
    public synchronized void fit(
            INDArray[] inputs,
            INDArray[] labels,
            INDArray @Nullable [] featureMaskArrays,
            INDArray @Nullable [] labelMaskArrays) {
        training().fitBatch(inputs, labels, featureMaskArrays, labelMaskArrays);
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
    public Gradient backpropGradient(INDArray... epsilons) {
        throw Refusals.gradient("backpropGradient");
    }

    /** Refused: trains without clipping and noise. */
    @Override
    public void pretrain(DataSetIterator iterator, int numEpochs) {
        throw Refusals.pretrain();
    }

    /** Refused: trains without clipping and noise. */
    @Override
    public void pretrain(MultiDataSetIterator iterator, int numEpochs) {
        throw Refusals.pretrain();
    }

    /** Refused: trains without clipping and noise. */
    @Override
    public void pretrainLayer(String layerName, DataSetIterator iterator) {
        throw Refusals.pretrain();
    }

    /** Refused: trains without clipping and noise. */
    @Override
    public void pretrainLayer(String layerName, MultiDataSetIterator iterator) {
        throw Refusals.pretrain();
    }

    /** What DL4J's computeGradientAndScore does, but for listeners, which come later. */
    private double propagate(LogicalBatch.Examples examples) {
        setLayerMaskArrays(null, null);
        setInputs(examples.features());
        setLabels(examples.labels());
        synchronizeIterEpochCounts();
        LayerWorkspaceMgr workspaces = workspaces();
        double score = 0;
        try (MemoryWorkspace all = workspaces.notifyScopeEntered(ArrayType.ACTIVATIONS)) {
            ffToLayerActivationsInWS(
                    true, -1, getOutputLayerIndices(), FwdPassType.STANDARD, false, getInputs(), null, null, false);
            calcBackpropGradients(false, false);
            double regularisation = calcRegularizationScore(true);
            for (String name : configuration.getNetworkOutputs()) {
                GraphVertex vertex = getVertex(name);
                if (vertex instanceof LayerVertex layer && !layer.isSetLayerInput()) {
                    layer.applyPreprocessorAndSetInput(workspaces);
                }
                Layer output = vertex.getLayer();
                if (output instanceof FrozenLayerWithBackprop frozen) {
                    output = frozen.getInsideLayer();
                }
                try (MemoryWorkspace working = workspaces.notifyScopeEntered(ArrayType.FF_WORKING_MEM)) {
                    score += ((IOutputLayer) output).computeScore(regularisation, true, workspaces);
                }
                regularisation = 0;
            }
        } finally {
            for (GraphVertex vertex : vertices) {
                vertex.clear();
            }
        }
        return score;
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
                configuration.getTrainingWorkspaceMode(),
                WS_ALL_LAYERS_ACT_CONFIG,
                WS_LAYER_WORKING_MEM_CONFIG,
                helperWorkspaces);
    }

    /** What the engine may do with this network. */
    private final class Access implements PrivateModel {
        /** Vertices with parameters, in the order of the flattened parameters. */
        private List<GraphVertex> trainable() {
            List<GraphVertex> found = new ArrayList<>();
            for (int index : topologicalOrder) {
                if (vertices[index].hasLayer() && vertices[index].getLayer().numParams() > 0) {
                    found.add(vertices[index]);
                }
            }
            return found;
        }

        @Override
        public Layer[] layers() {
            return trainable().stream().map(GraphVertex::getLayer).toArray(Layer[]::new);
        }

        @Override
        public String prefix(int layer) {
            return trainable().get(layer).getVertexName();
        }

        @Override
        public boolean readsNetworkInput(int layer) {
            List<String> inputs = configuration.getNetworkInputs();
            return inputs.containsAll(
                    configuration.getVertexInputs().get(trainable().get(layer).getVertexName()));
        }

        @Override
        public List<NetworkPart> parts() {
            return NetworkPart.of(vertices, configuration);
        }

        @Override
        public void replace(int layer, Layer implementation) {
            LayerVertex vertex = (LayerVertex) trainable().get(layer);
            for (int i = 0; i < layers.length; i++) {
                if (layers[i] == vertex.getLayer()) {
                    layers[i] = implementation;
                }
            }
            vertex.setLayer(implementation);
        }

        @Override
        public List<UpdaterBlock> updaterBlocks() {
            try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
                return getUpdater().getUpdaterBlocks();
            }
        }

        @Override
        public void clearBatch() {
            clearLayersStates();
            synchronizeIterEpochCounts();
        }

        @Override
        public Model network() {
            return DpComputationGraph.this;
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
            return scan.of(configuration);
        }

        @Override
        public double propagate(LogicalBatch.Examples examples) {
            return DpComputationGraph.this.propagate(examples);
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
            return configuration.getIterationCount();
        }

        @Override
        public void countEpoch() {
            incrementEpochCount();
        }
    }
}
