package org.veil4j.experiments.head;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.report.Machine;
import org.veil4j.he.mlr.ClientRefresher;
import org.veil4j.he.mlr.EncryptedDataset;
import org.veil4j.he.mlr.EncryptedHead;
import org.veil4j.he.mlr.MlrClient;
import org.veil4j.he.mlr.MlrKeys;
import org.veil4j.he.mlr.MlrPlan;
import org.veil4j.he.mlr.MlrSimulation;
import org.veil4j.he.mlr.MlrTrainer;
import org.veil4j.he.mlr.clear.ClearMlr;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.MlrAlgorithm;
import org.veil4j.he.mlr.clear.SoftmaxHead;

/** Trains a head under encryption with both roles in this process, and the same in the clear. */
public final class HeadExperiment {
    private final HeadData data;
    private final MlrPlan plan;
    private final boolean everyIteration;
    private final HeadListener listener;
    private final List<Decrypted> decrypted = new ArrayList<>();
    private double listenerSeconds;

    private HeadExperiment(HeadData data, MlrPlan plan, boolean everyIteration, HeadListener listener) {
        this.data = data;
        this.plan = plan;
        this.everyIteration = everyIteration;
        this.listener = listener;
    }

    /** What an iteration led to; the head is null where it was not decrypted. */
    private record Decrypted(@Nullable SoftmaxHead head, double seconds) {}

    /**
     * Runs.
     *
     * @param everyIteration whether weights are decrypted after each iteration, and not only at the end: an experiment's
     *     liberty, which no server has
     * @throws IllegalArgumentException if the plan does not fit the data, or scores or weights of the clear run are larger
     *     than the plan can bear
     * @throws org.veil4j.experiments.report.InsufficientHeapException if the plan does not fit this process's heap
     * @throws IOException if messages cannot be written to the folder for temporary files
     */
    public static HeadRun run(HeadSetup setup, HeadData data, boolean everyIteration, HeadListener listener)
            throws IOException {
        MlrPlan plan = setup.planWithin(data.train(), Runtime.getRuntime().maxMemory());
        return new HeadExperiment(data, plan, everyIteration, listener).run();
    }

    private HeadRun run() throws IOException {
        listener.progress("clear run", 0, 2);
        long start = System.nanoTime();
        ClearMlr.Run clear = ClearMlr.train(data.train(), data.measured(), plan.preparation(), plan.settings());
        plan.requireScoresWithin(clear.maxAbsScore());
        listener.progress("clear run", 1, 2);
        List<SoftmaxHead> circuit = MlrSimulation.run(plan, data.train());
        double clearSeconds = seconds(start);
        Path folder = Files.createTempDirectory("veil4j-head");
        try {
            return encrypted(clear, circuit, clearSeconds, folder);
        } finally {
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private HeadRun encrypted(ClearMlr.Run clear, List<SoftmaxHead> circuit, double clearSeconds, Path folder)
            throws IOException {
        listener.progress("keys", 0, 1);
        long start = System.nanoTime();
        try (MlrClient client = MlrClient.create(plan, data.train())) {
            MlrKeys keys = client.evaluationKeys();
            double keySeconds = seconds(start);
            listener.progress("encrypt", 0, 1);
            Path upload = folder.resolve("features.veil");
            start = System.nanoTime();
            long uploaded = client.encrypt(data.train()).write(upload);
            double encryptSeconds = seconds(start);
            ClientRefresher refresher = new ClientRefresher(client, folder);
            start = System.nanoTime();
            EncryptedHead head = train(keys, upload, refresher, client);
            double trainSeconds = seconds(start) - listenerSeconds;
            Long peak = Machine.peakRssBytes();
            start = System.nanoTime();
            SoftmaxHead last = client.decryptRaw(head);
            double decryptSeconds = seconds(start);
            return new HeadRun(
                    plan,
                    clear,
                    last,
                    iterations(clear, last),
                    maxWeightError(circuit, last),
                    new HeadRun.Seconds(keySeconds, encryptSeconds, trainSeconds, decryptSeconds, clearSeconds),
                    new HeadRun.Traffic(
                            uploaded, refresher.count(), refresher.bytesToClient() + refresher.bytesToServer()),
                    peak);
        }
    }

    private EncryptedHead train(MlrKeys keys, Path upload, ClientRefresher refresher, MlrClient client)
            throws IOException {
        int total = plan.settings().iterations();
        listener.progress("train", 0, total);
        MlrTrainer trainer = MlrTrainer.create(plan, keys);
        return trainer.train(EncryptedDataset.read(upload, plan), null, refresher, (weights, seconds) -> {
                    long start = System.nanoTime();
                    SoftmaxHead now =
                            everyIteration && weights.iteration() < total ? client.decryptRaw(weights.head()) : null;
                    decrypted.add(new Decrypted(now, seconds));
                    listener.progress("train", weights.iteration(), total);
                    listenerSeconds += seconds(start);
                })
                .head();
    }

    private @Nullable SoftmaxHead head(int iteration, SoftmaxHead last) {
        return iteration == decrypted.size()
                ? last
                : decrypted.get(iteration - 1).head();
    }

    private List<HeadRun.Iteration> iterations(ClearMlr.Run clear, SoftmaxHead last) {
        LabelledFeatures measured = data.measured();
        MlrAlgorithm algorithm = plan.settings().algorithm();
        List<HeadRun.Iteration> result = new ArrayList<>();
        for (int t = 1; t <= decrypted.size(); t++) {
            ClearMlr.Iteration plain = clear.iterations().get(t - 1);
            SoftmaxHead head = head(t, last);
            result.add(new HeadRun.Iteration(
                    plain.testAccuracy(),
                    plain.loss(),
                    head == null ? null : head.accuracy(measured),
                    head == null ? null : ClearMlr.loss(head, data.train(), algorithm),
                    decrypted.get(t - 1).seconds()));
        }
        return result;
    }

    private double maxWeightError(List<SoftmaxHead> circuit, SoftmaxHead last) {
        double most = 0;
        for (int t = 1; t <= decrypted.size(); t++) {
            SoftmaxHead head = head(t, last);
            most = head == null ? most : Math.max(most, head.maxWeightDifference(circuit.get(t - 1)));
        }
        return most;
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) * 1e-9;
    }
}
