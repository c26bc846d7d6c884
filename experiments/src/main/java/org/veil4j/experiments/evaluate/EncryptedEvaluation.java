package org.veil4j.experiments.evaluate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
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
import org.veil4j.he.nn.ModelClient;
import org.veil4j.he.nn.ModelCompiler;
import org.veil4j.he.nn.ModelServer;
import org.veil4j.he.nn.WeightSecrecy;
import org.veil4j.he.nn.graph.NetworkGraph;
import org.veil4j.he.nn.graph.TensorShape;
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

    private final ImageNetwork network;
    private final Dataset data;
    private final CompileOptions options;
    private final EvaluationListener listener;
    private final Map<String, Double> seconds = new LinkedHashMap<>();
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
        Compilation compiled = timed("compile", this::compile);
        listener.progress("plain", 0);
        double[][] plain = PlainInference.outputs(network, data);
        double[][] logits = PlainInference.logits(network, data);
        // Before and after, so that it cannot disturb the encrypted part.
        PlainSpeed plainSpeed = new PlainSpeed(network, data);
        plainSpeed.measure();
        double[][] decrypted;
        EvaluationKeys keys;
        try (ModelClient client =
                timed("keygen", () -> ModelClient.create(compiled.clientSpec(), options.security()))) {
            keys = timed("keygen", client::evaluationKeys);
            ModelServer server = ModelServer.create(model(compiled, client), keys);
            // Deeplearning4j's speed is measured warm; so is ours, and the time for it is reported.
            timed("warmUp", () -> {
                server.warmUp(WARM_UP);
                return server;
            });
            decrypted = classify(client, encryptor(client), server);
        }
        listener.progress("plain", 0);
        plainSpeed.measure();
        return report(
                compiled.report(), plain, logits, decrypted, plainSpeed.imagesPerSecond(), keys.serializedBytes());
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
                ? timed("encryptModel", () -> owner.encryptModel(compiled.model()))
                : compiled.model();
    }

    /** Whose weights are encrypted is not who has the images: these are encrypted with the public key. */
    private ImageEncryptor encryptor(ModelClient client) {
        return options.weights() == WeightSecrecy.ENCRYPTED
                ? ImageEncryptor.of(client.spec(), timed("keygen", client::publicKey))
                : client.images();
    }

    private double[][] classify(ModelClient client, ImageEncryptor encryptor, ModelServer server) {
        ImageBatch images = ImageBatch.of(data.images());
        int most = client.spec().images();
        int ciphertexts = client.spec().inputLayout().ciphertexts();
        int batches = (data.size() + most - 1) / most;
        double[][] all = new double[data.size()][];
        for (int batch = 0; batch < batches; batch++) {
            int from = batch * most;
            ImageBatch part = images.slice(from, Math.min(data.size(), from + most));
            double before = batch;
            EncryptedTensor input = timed(
                    "encrypt",
                    () -> encryptor.encrypt(
                            part,
                            done -> listener.progress("encrypt", (before + done / (double) ciphertexts) / batches)));
            bytesUp += serializedBytes(input);
            EncryptedTensor output = timed(
                    "infer",
                    () -> server.infer(
                            input,
                            (stage, stages, name, done, total) -> listener.progress(
                                    "infer", (before + (stage + done / (double) total) / stages) / batches)));
            bytesDown += serializedBytes(output);
            double[][] rows = timed("decrypt", () -> client.decrypt(output));
            System.arraycopy(rows, 0, all, from, rows.length);
        }
        return all;
    }

    private EvaluationReport report(
            CompilationReport plan,
            double[][] plain,
            double[][] logits,
            double[][] decrypted,
            double plainSpeed,
            long keyBytes) {
        int same = 0;
        for (int i = 0; i < plain.length; i++) {
            same += Classes.of(plain[i]) == Classes.of(decrypted[i]) ? 1 : 0;
        }
        PrecisionStats precision = PrecisionStats.of(Classes.flatten(logits), Classes.flatten(decrypted));
        RlweParameters parameters = plan.parameters();
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
                keyBytes,
                bytesUp,
                bytesDown,
                operations,
                plan.notes(),
                Kernels.description());
    }

    private <T> T timed(String phase, Supplier<T> work) {
        listener.progress(phase, 0);
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
