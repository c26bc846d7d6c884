package org.veil4j.experiments.evaluate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.experiments.report.InsufficientHeapException;
import org.veil4j.experiments.report.Machine;
import org.veil4j.he.ckks.PrecisionStats;
import org.veil4j.he.dl4j.Dl4jImporter;
import org.veil4j.he.nn.Compilation;
import org.veil4j.he.nn.CompilationReport;
import org.veil4j.he.nn.CompileOptions;
import org.veil4j.he.nn.CompiledModel;
import org.veil4j.he.nn.EncryptedTensor;
import org.veil4j.he.nn.ImageBatch;
import org.veil4j.he.nn.ImageEncryptor;
import org.veil4j.he.nn.InferenceListener;
import org.veil4j.he.nn.LayoutCandidate;
import org.veil4j.he.nn.ModelClient;
import org.veil4j.he.nn.ModelCompiler;
import org.veil4j.he.nn.ModelServer;
import org.veil4j.he.nn.TimeModel;
import org.veil4j.he.nn.WeightSecrecy;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.TensorShape;
import org.veil4j.he.ring.Workers;
import org.veil4j.he.ring.kernel.Kernels;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.EvaluationKeys;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * Runs a network over images in the clear and encrypted, in one process, and compares: Deeplearning4j's own inference,
 * compilation, keys, encryption, inference, decryption. More images than one batch holds are done batch after batch.
 */
public final class EncryptedEvaluation {
    private static final Duration WARM_UP = Duration.ofMillis(1200);
    private static final String PACKED = "packed";

    private final ImageNetwork network;
    private final Dataset data;
    private final CompileOptions options;
    private final EvaluationListener listener;
    private final Map<String, Double> seconds = new LinkedHashMap<>();
    private final List<Double> inferences = new ArrayList<>();
    private long bytesUp;
    private long bytesDown;

    private EncryptedEvaluation(
            ImageNetwork network, Dataset data, CompileOptions options, EvaluationListener listener) {
        this.network = network;
        this.data = data;
        this.options = options;
        this.listener = listener;
    }

    /**
     * Runs and compares.
     *
     * @param network the network
     * @param data images of the network's input shape, at least one
     * @param options of the compiler; the normalisation must be the network's
     * @param listener told how far it has come
     * @throws org.veil4j.layers.check.UnsupportedLayerException if the network cannot be encrypted
     * @throws org.veil4j.he.nn.MemoryBudgetExceededException if the plan does not fit the budget
     * @throws org.veil4j.he.nn.ValueRangeException if values would wrap around on the first of the images
     * @throws InsufficientHeapException if the plan does not fit the heap
     * @throws IllegalArgumentException if the images are not the network's
     */
    public static EvaluationReport run(
            ImageNetwork network, Dataset data, CompileOptions options, EvaluationListener listener) {
        if (data.size() < 1) {
            throw new IllegalArgumentException("images=0: there must be at least one");
        }
        if (!data.shape().equals(network.input())) {
            throw new IllegalArgumentException("dataset=" + data.name() + ": its images are " + data.shape()
                    + ", the network takes " + network.input() + "; name the data set that it was trained on");
        }
        return new EncryptedEvaluation(network, data, options, listener).run();
    }

    private EvaluationReport run() {
        Compilation compiled = shown("compile", this::compile);
        listener.progress("plain", 0);
        double[][] plain = PlainInference.outputs(network, data);
        double[][] logits = PlainInference.logits(network, data);
        // Before and after, so that it cannot disturb the encrypted part.
        PlainSpeed plainSpeed = new PlainSpeed(network, data);
        plainSpeed.measure();
        boolean packed = compiled.report().layout().equals(PACKED);
        if (packed) {
            plainSpeed.measureOne();
        }
        double[][] decrypted;
        EvaluationKeys keys;
        try (ModelClient client =
                shown("keygen", () -> ModelClient.create(compiled.clientSpec(), options.security()))) {
            keys = shown("keygen", client::evaluationKeys);
            ModelServer server = ModelServer.create(model(compiled, client), keys);
            // Deeplearning4j's speed is measured warm; so is ours, and the time for it is reported.
            shown("warmUp", () -> {
                server.warmUp(WARM_UP);
                return server;
            });
            ImageEncryptor encryptor = encryptor(client);
            decrypted = packed ? classifyFew(client, encryptor, server) : classifyBatches(client, encryptor, server);
        }
        listener.progress("plain", 0);
        plainSpeed.measure();
        PackedFigures figures = null;
        if (packed) {
            plainSpeed.measureOne();
            figures = figures(compiled.report(), plainSpeed.secondsOfOne(), keys.sizeBytes());
        }
        return report(compiled.report(), plain, logits, decrypted, plainSpeed.imagesPerSecond(), figures);
    }

    private Compilation compile() {
        TensorShape shape = new TensorShape(
                network.input().channels(),
                network.input().height(),
                network.input().width());
        NetworkGraph graph = Dl4jImporter.importNetwork(network.network(), shape);
        Compilation compiled = ModelCompiler.compile(graph, options, ImageBatch.of(data.images()));
        InferenceHeap.require(
                compiled.report().workingBytes(), Runtime.getRuntime().maxMemory());
        return compiled;
    }

    /** The server's model: with encrypted weights, if they are to be. */
    private CompiledModel model(Compilation compiled, ModelClient owner) {
        return compiled.model().isOwners()
                ? shown("encryptModel", () -> owner.encryptModel(compiled.model()))
                : compiled.model();
    }

    /** Whose weights are encrypted is not who has the images: these are encrypted with the public key. */
    private ImageEncryptor encryptor(ModelClient client) {
        return options.weights() == WeightSecrecy.ENCRYPTED
                ? ImageEncryptor.of(client.spec(), shown("keygen", client::publicKey))
                : client.images();
    }

    /** One inference after the other, each with its phases. */
    private double[][] classifyBatches(ModelClient client, ImageEncryptor encryptor, ModelServer server) {
        int ciphertexts = client.spec().inputLayout().ciphertexts();
        int batches = batches(client);
        double[][] all = new double[data.size()][];
        for (int batch = 0; batch < batches; batch++) {
            double before = batch;
            ImageBatch part = part(client, batch);
            EncryptedTensor input = shown(
                    "encrypt",
                    () -> encryptor.encrypt(
                            part,
                            done -> listener.progress("encrypt", (before + done / (double) ciphertexts) / batches)));
            EncryptedTensor output = shown(
                    "infer",
                    () -> server.infer(
                            input,
                            (stage, stages, name, done, total) -> listener.progress(
                                    "infer", (before + (stage + done / (double) total) / stages) / batches)));
            double[][] rows = shown("decrypt", () -> client.decrypt(output));
            keep(input, output, rows, all, batch * client.spec().images());
        }
        return all;
    }

    /** The same for inferences of a few images each, of which there are many. */
    private double[][] classifyFew(ModelClient client, ImageEncryptor encryptor, ModelServer server) {
        double[][] all = new double[data.size()][];
        listener.classified(0, all.length);
        for (int batch = 0; batch < batches(client); batch++) {
            ImageBatch part = part(client, batch);
            EncryptedTensor input = timed("encrypt", () -> encryptor.encrypt(part, null));
            long start = System.nanoTime();
            EncryptedTensor output = timed("infer", () -> server.infer(input, InferenceListener.NONE));
            inferences.add((System.nanoTime() - start) * 1e-9);
            double[][] rows = timed("decrypt", () -> client.decrypt(output));
            keep(input, output, rows, all, batch * client.spec().images());
            listener.classified(batch * client.spec().images() + rows.length, all.length);
        }
        return all;
    }

    private int batches(ModelClient client) {
        int most = client.spec().images();
        return (data.size() + most - 1) / most;
    }

    private ImageBatch part(ModelClient client, int batch) {
        int most = client.spec().images();
        return ImageBatch.of(data.images()).slice(batch * most, Math.min(data.size(), (batch + 1) * most));
    }

    private void keep(EncryptedTensor input, EncryptedTensor output, double[][] rows, double[][] all, int from) {
        bytesUp += serializedBytes(input);
        bytesDown += serializedBytes(output);
        System.arraycopy(rows, 0, all, from, rows.length);
    }

    private PackedFigures figures(CompilationReport report, double dl4jSeconds, long keysBytes) {
        LayoutCandidate plan = report.plan();
        double[] later = inferences.stream()
                .skip(inferences.size() == 1 ? 0 : 1)
                .mapToDouble(x -> x)
                .toArray();
        return new PackedFigures(
                plan.images(),
                inferences.get(0),
                new Median().evaluate(later) / plan.images(),
                dl4jSeconds,
                TimeModel.estimateSeconds(plan, Workers.threads()) / plan.images(),
                plan.rotations(),
                plan.products(),
                keysBytes,
                plan.plaintextForm().name().toLowerCase(Locale.ROOT),
                plan.parameters().n(),
                options.memoryBudgetBytes());
    }

    private EvaluationReport report(
            CompilationReport plan,
            double[][] plain,
            double[][] logits,
            double[][] decrypted,
            double plainSpeed,
            @Nullable PackedFigures packed) {
        int same = 0;
        for (int i = 0; i < plain.length; i++) {
            same += Classes.of(plain[i]) == Classes.of(decrypted[i]) ? 1 : 0;
        }
        PrecisionStats precision = PrecisionStats.of(Classes.flatten(logits), Classes.flatten(decrypted));
        RlweParameters parameters = plan.parameters();
        int runs = (data.size() + plan.images() - 1) / plan.images();
        Map<String, Long> operations = new LinkedHashMap<>();
        plan.counts().forEach((kind, count) -> operations.put(kind.name().toLowerCase(Locale.ROOT), count));
        return new EvaluationReport(
                network.name(),
                data.name(),
                data.size(),
                plan.layout(),
                plan.weights().name().toLowerCase(Locale.ROOT),
                Classes.accuracy(plain, data.labels()),
                Classes.accuracy(decrypted, data.labels()),
                same / (double) plain.length,
                precision.maxError(),
                precision.bits(),
                seconds,
                plainSpeed,
                Machine.peakRssBytes(),
                plan.estimatedPeakBytes(),
                parameters.logN(),
                parameters.logQP(),
                parameters.securityBits(),
                plan.levels(),
                plan.ranges().estimatedPrecisionBits(),
                plan.ranges().measuredHeadroomBits(),
                plan.plan().keyUploadBytes(),
                bytesUp,
                bytesDown,
                operations,
                plan.notes(),
                Kernels.description(),
                runs * TimeModel.estimateSeconds(plan, Workers.threads()),
                packed);
    }

    private <T> T shown(String phase, Supplier<T> work) {
        listener.progress(phase, 0);
        return timed(phase, work);
    }

    private <T> T timed(String phase, Supplier<T> work) {
        long start = System.nanoTime();
        T result = work.get();
        seconds.merge(phase, (System.nanoTime() - start) * 1e-9, Double::sum);
        return result;
    }

    private static long serializedBytes(EncryptedTensor tensor) {
        long sum = 0;
        for (Ciphertext c : tensor.ciphertexts()) {
            sum += c.serializedBytes();
        }
        return sum;
    }
}
