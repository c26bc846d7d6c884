package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.veil4j.experiments.evaluate.InferenceHeap;
import org.veil4j.experiments.report.Machine;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Units;
import org.veil4j.he.nn.CompiledModel;
import org.veil4j.he.nn.ModelFile;
import org.veil4j.he.nn.ModelServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veil4j infer}: the server classifies encrypted images. Takes no secret. */
@Command(name = "infer", description = "Classifies encrypted images, as a server that holds no secret key.")
final class InferCommand extends Verb {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            required = true,
            description = "model.veil, or what encrypt-model wrote.")
    private Path model = Path.of("");

    @Option(
            names = "--keys",
            paramLabel = "FILE",
            required = true,
            description = "evaluation.keys of the client, or of the owner of an encrypted model.")
    private Path keys = Path.of("");

    @Option(names = "--in", paramLabel = "FILE", required = true, description = "The client's encrypted images.")
    private Path in = Path.of("");

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "File to write.")
    private Path out = Path.of("");

    @Mixin
    private final MemoryOption memory = new MemoryOption();

    @Override
    void run(RunRecord run) throws IOException {
        try (ModelFile file = ModelFile.open(model, room())) {
            infer(file, run);
        }
    }

    /** What weights may take at most: where they do not fit, they stay in their file. */
    private long room() {
        long heap = Runtime.getRuntime().maxMemory();
        return memory.bytes() > 0 ? Math.min(memory.bytes(), heap) : heap;
    }

    private void infer(ModelFile file, RunRecord run) throws IOException {
        CompiledModel compiled = file.model();
        compiled.requireMemory(memory.bytes());
        InferenceHeap.require(compiled.workingBytes(), Runtime.getRuntime().maxMemory());
        ModelServer server = ModelServer.open(compiled, keys);
        long start = System.nanoTime();
        int images;
        try (PhaseProgress progress = new PhaseProgress()) {
            images = server.inferFile(
                    in,
                    out,
                    (stage, stages, name, done, total) ->
                            progress.progress("infer", (stage + done / (double) total) / stages));
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        run.put("images", images)
                .put("weights", compiled.weights().name().toLowerCase(Locale.ROOT))
                .put("weightsStreamed", file.isStreamed())
                .put("secondsInfer", seconds)
                .put("imagesPerSecond", images / seconds)
                .put("bytesDown", Files.size(out))
                .put("peakRssBytes", Machine.peakRssBytes());
        out().println("wrote " + out + ": " + images + " images, files included in " + Units.seconds(seconds));
        out().flush();
    }
}
