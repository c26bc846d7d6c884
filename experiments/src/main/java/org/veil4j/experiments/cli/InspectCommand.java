package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.veil4j.experiments.head.PlanFigures;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Table;
import org.veil4j.experiments.report.Units;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.mlr.MlrPlan;
import org.veil4j.he.nn.ClientSpec;
import org.veil4j.he.nn.CompiledModel;
import org.veil4j.he.nn.ValueRanges;
import org.veil4j.he.nn.layout.TensorLayout;
import org.veil4j.he.rlwe.EvaluationKeyFile;
import org.veil4j.he.rlwe.KeyRequest;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.layers.check.HeCompatibility;
import org.veil4j.layers.check.UnsupportedLayer;
import org.veil4j.zoo.ModelCard;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code veil4j inspect}: what is in a file. Reads all of it, so a damaged file is found; shows nothing secret. */
@Command(name = "inspect", description = "Shows what is in a file: Veil4J's own, or a Deeplearning4j network.")
final class InspectCommand extends Verb {
    @Parameters(paramLabel = "FILE", description = "The file.")
    private Path file = Path.of("");

    @Override
    void run(RunRecord run) throws IOException {
        if (Files.isDirectory(file)) {
            throw new UsageException("file=" + file + ": is a folder; name a file");
        }
        run.put("bytes", Files.size(file));
        if (SavedNetwork.isZip(file)) {
            inspectNetwork(run);
        } else {
            inspectFrames(run);
        }
    }

    private void inspectFrames(RunRecord run) throws IOException {
        Table table = new Table(String.valueOf(file.getFileName()));
        List<Map<String, Object>> frames = new ArrayList<>();
        FileKind kind;
        try (FrameReader reader = FrameReader.open(file)) {
            kind = reader.kind();
            table.row("kind", kind.title())
                    .row("format version", Integer.toString(reader.version()))
                    .row("parameters", reader.parameters().shortHex())
                    .row("size", Units.bytes(Files.size(file)))
                    .line();
            run.put("kind", kind.title())
                    .put("formatVersion", reader.version())
                    .put("parameters", reader.parameters().toHex());
            String last = "";
            long count = 0;
            long bytes = 0;
            for (String tag = reader.nextFrame(); tag != null; tag = reader.nextFrame()) {
                if (!tag.equals(last)) {
                    addFrames(table, frames, last, count, bytes);
                    last = tag;
                    count = 0;
                    bytes = 0;
                }
                count++;
                bytes += reader.skipFrame();
            }
            addFrames(table, frames, last, count, bytes);
        }
        run.put("frames", frames);
        table.line().row("intact", "yes");
        if (kind == FileKind.CLIENT_SPEC) {
            ClientSpec spec = ClientSpec.read(file);
            describe(table, run, spec.parameters(), spec.inputLayout(), spec.outputs());
            describeLimits(table, run, spec);
            KeyFigures.rows(spec.keys(), table.line());
            KeyFigures.put(spec.keys(), run);
        } else if (kind == FileKind.EVALUATION_KEYS) {
            KeyRequest keys = EvaluationKeyFile.contents(file);
            KeyFigures.rows(keys, table.line());
            KeyFigures.put(keys, run);
        } else if (kind == FileKind.MODEL || kind == FileKind.OWNER_MODEL) {
            CompiledModel model = CompiledModel.read(file);
            describe(table, run, model.parameters(), model.inputLayout(), model.outputs());
            String weights = model.weights().name().toLowerCase(Locale.ROOT);
            table.row("weights", model.isOwners() ? "still to be encrypted" : weights);
            run.put("weights", model.isOwners() ? "owner" : weights);
            ValueRanges ranges = model.ranges();
            if (ranges != null) {
                RangeFigures.rows(ranges, table.line());
                RangeFigures.put(ranges, run);
            }
        } else if (kind == FileKind.TRAINING_PLAN) {
            MlrPlan plan = MlrPlan.read(file);
            PlanFigures.rows(plan, table.line());
            PlanFigures.put(plan, run);
        }
        out().print(table);
        out().flush();
    }

    private static void describe(
            Table table, RunRecord run, RlweParameters parameters, TensorLayout input, int outputs) {
        int security = parameters.securityBits();
        table.line()
                .row("input", input.shape().toString())
                .row("outputs", Integer.toString(outputs))
                .row("images in a batch", Integer.toString(input.images()))
                .row("ring degree", "2^" + parameters.logN())
                .row("modulus with special primes", String.format(Locale.ROOT, "%.0f bits", parameters.logQP()))
                .row("security", security == 0 ? "NONE (test parameters)" : security + " bits");
        run.put("input", input.shape().toString())
                .put("outputs", outputs)
                .put("logN", parameters.logN())
                .put("logQP", parameters.logQP())
                .put("securityBits", security);
    }

    private static void describeLimits(Table table, RunRecord run, ClientSpec spec) {
        table.row("input range", String.format(Locale.ROOT, "%s to %s", spec.inputLow(), spec.inputHigh()))
                .row("largest result that fits", String.format(Locale.ROOT, "%.0f", spec.outputCapacity()))
                .row("estimated precision, at least", Units.bits(spec.estimatedPrecisionBits()))
                .row(
                        "published logits",
                        spec.publishableBits() < 0 ? "none" : "multiples of 2^-" + spec.publishableBits());
        run.put("inputLow", spec.inputLow())
                .put("inputHigh", spec.inputHigh())
                .put("outputCapacity", spec.outputCapacity())
                .put("estimatedPrecisionBits", spec.estimatedPrecisionBits());
    }

    private static void addFrames(Table table, List<Map<String, Object>> frames, String tag, long count, long bytes) {
        if (count > 0) {
            table.row(count + (count == 1 ? " frame " : " frames ") + tag, Units.bytes(bytes));
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("tag", tag);
            entry.put("count", count);
            entry.put("bytes", bytes);
            frames.add(entry);
        }
    }

    private void inspectNetwork(RunRecord run) throws IOException {
        SavedNetwork saved = SavedNetwork.read(file);
        Model model = saved.model();
        Table table = new Table(String.valueOf(file.getFileName()));
        table.row("kind", model.getClass().getSimpleName())
                .row("parameters", String.format(Locale.ROOT, "%,d", model.numParams()));
        run.put("kind", model.getClass().getSimpleName()).put("networkParameters", model.numParams());
        ModelCard card = saved.card();
        if (card != null) {
            table.row("preset", card.preset() + " " + card.variant())
                    .row("data set", card.dataset())
                    .row("input", card.input().toString())
                    .row("test accuracy", Units.percent(card.testAccuracy()));
            run.put("preset", card.preset())
                    .put("variant", card.variant())
                    .put("dataset", card.dataset())
                    .put("testAccuracy", card.testAccuracy());
        }
        table.line();
        List<String> names = new ArrayList<>();
        for (Layer layer : layers(model)) {
            var conf = layer.conf().getLayer();
            String name = conf.getLayerName() + " (" + conf.getClass().getSimpleName() + ")";
            names.add(name);
            table.row(name, String.format(Locale.ROOT, "%,d", layer.numParams()));
        }
        run.put("layers", names);
        List<UnsupportedLayer> unsupported = model instanceof MultiLayerNetwork network
                ? HeCompatibility.check(network)
                : HeCompatibility.check((ComputationGraph) model);
        table.line().row("can be encrypted", unsupported.isEmpty() ? "yes" : "no");
        run.put("canBeEncrypted", unsupported.isEmpty());
        run.put(
                "unsupported",
                unsupported.stream().map(UnsupportedLayer::toString).toList());
        out().print(table);
        if (card != null) {
            out().println("made by: " + card.command());
        }
        unsupported.forEach(layer -> out().println("  " + layer));
        out().flush();
    }

    private static Layer[] layers(Model model) {
        return model instanceof MultiLayerNetwork network
                ? network.getLayers()
                : ((ComputationGraph) model).getLayers();
    }
}
