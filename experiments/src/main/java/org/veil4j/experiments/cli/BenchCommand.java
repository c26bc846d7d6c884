package org.veil4j.experiments.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.veil4j.experiments.bench.CkksBench;
import org.veil4j.experiments.bench.KernelBench;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Table;
import org.veil4j.he.ring.kernel.Kernels;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code veil4j bench}: measures the engine. */
@Command(
        name = "bench",
        description = "Measures the engine.",
        mixinStandardHelpOptions = true,
        subcommands = {BenchCommand.KernelsCommand.class, BenchCommand.CkksCommand.class})
final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "name what to measure: " + String.join(", ", spec.subcommands().keySet()));
    }

    /** {@code veil4j bench kernels}. */
    @Command(name = "kernels", description = "Times every kernel implementation: microseconds for one limb.")
    static final class KernelsCommand extends Verb {
        @Override
        void run(RunRecord run) {
            run.put("kernels", Kernels.description());
            show(this, run, "Kernels, microseconds a limb", KernelBench.run(line -> remark(this, line)));
        }
    }

    /** {@code veil4j bench ckks}. */
    @Command(name = "ckks", description = "Times whole CKKS operations: milliseconds, with one thread and with two.")
    static final class CkksCommand extends Verb {
        @Override
        void run(RunRecord run) {
            run.put("kernels", Kernels.description());
            show(this, run, "CKKS operations, milliseconds", CkksBench.run(line -> remark(this, line)));
        }
    }

    private static void remark(Verb verb, String line) {
        verb.err().println(line);
        verb.err().flush();
    }

    /** Prints rows that are records of one type, and puts them into the run's record as "results". */
    private static void show(Verb verb, RunRecord run, String title, List<? extends Record> rows) {
        Table table = new Table(title);
        List<Map<String, Object>> results = new ArrayList<>();
        for (Record row : rows) {
            Map<String, Object> values = values(row);
            if (results.isEmpty()) {
                table.row(values.keySet().toArray(new String[0]));
            }
            table.row(values.values().stream()
                    .map(v -> v instanceof Double d ? String.format(Locale.ROOT, "%.3f", d) : String.valueOf(v))
                    .toArray(String[]::new));
            results.add(values);
        }
        run.put("results", results);
        verb.out().print(table);
        verb.out().flush();
    }

    private static Map<String, Object> values(Record row) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (RecordComponent component : row.getClass().getRecordComponents()) {
            try {
                values.put(component.getName(), component.getAccessor().invoke(row));
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("a public record has public accessors", e);
            }
        }
        return values;
    }
}
