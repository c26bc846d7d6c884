package org.veil4j.experiments.head;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.report.Table;
import org.veil4j.experiments.report.Units;

/** Experiments as tables for people. */
public final class HeadTables {
    private HeadTables() {}

    /**
     * Summary and iterations; experiments side by side.
     *
     * @param runs at least one, of as many iterations each
     */
    public static String of(List<HeadRun> runs, HeadData data) {
        return summary(runs, data) + "\n" + iterations(runs);
    }

    private static Table summary(List<HeadRun> runs, HeadData data) {
        HeadRun first = runs.get(0);
        Table table = new Table("Head trained on encrypted features");
        row(table, runs, "encoding", r -> Words.of(r.plan().encoding()));
        table.row("preparation", Words.of(first.plan().preparation()))
                .row(
                        "rows, features, classes",
                        String.format(
                                Locale.ROOT,
                                "%,d, %,d, %,d",
                                first.plan().rows(),
                                first.plan().features(),
                                first.plan().classes()))
                .row("iterations", Integer.toString(first.iterations().size()))
                .line();
        String measured = String.format(
                Locale.ROOT, " (%,d %s rows)", data.measured().size(), data.test() == null ? "training" : "test");
        row(table, runs, "accuracy in the clear" + measured, r -> Units.percent(last(r).accuracyClear()));
        row(table, runs, "accuracy encrypted" + measured, r -> Units.percent(r.accuracy()));
        row(table, runs, "largest error of a weight", r -> String.format(Locale.ROOT, "%.1e", r.maxWeightError()));
        row(
                table,
                runs,
                "largest score in the clear",
                r -> Units.number(r.clear().maxAbsScore()));
        table.line();
        row(table, runs, "keys", r -> Units.seconds(r.seconds().keys()));
        row(table, runs, "encrypt", r -> Units.seconds(r.seconds().encrypt()));
        row(
                table,
                runs,
                "train, refreshes included",
                r -> Units.seconds(r.seconds().train()));
        row(
                table,
                runs,
                "an iteration",
                r -> Units.seconds(r.seconds().train() / r.iterations().size()));
        row(table, runs, "decrypt", r -> Units.seconds(r.seconds().decrypt()));
        row(table, runs, "total without keys", r -> Units.seconds(r.seconds().total()));
        table.line();
        row(
                table,
                runs,
                "ciphertexts uploaded",
                r -> Integer.toString(r.plan().report().ciphertextsUploaded()));
        row(table, runs, "owner to server", r -> Units.bytes(r.traffic().uploaded()));
        row(
                table,
                runs,
                "refreshes by the owner",
                r -> Integer.toString(r.traffic().refreshes()));
        row(table, runs, "messages of these", r -> Units.bytes(r.traffic().refreshed()));
        row(table, runs, "peak memory of the process", r -> bytes(r.peakRssBytes()));
        row(
                table,
                runs,
                "peak memory of the server as estimated",
                r -> Units.bytes(r.plan().report().estimatedPeakBytes()));
        table.line();
        row(
                table,
                runs,
                "levels of an iteration",
                r -> Integer.toString(r.plan().report().levelsPerIteration()));
        row(
                table,
                runs,
                "rotations of an iteration",
                r -> String.format(Locale.ROOT, "%,d", r.plan().report().rotationsPerIteration()));
        row(table, runs, "ring degree", r -> "2^" + r.plan().parameters().rlwe().logN());
        row(
                table,
                runs,
                "modulus with special primes",
                r -> String.format(
                        Locale.ROOT, "%.0f bits", r.plan().parameters().rlwe().logQP()));
        row(table, runs, "security", r -> security(r.plan().parameters().rlwe().securityBits()));
        return table;
    }

    private static Table iterations(List<HeadRun> runs) {
        Table table = new Table("By iteration");
        row(table, runs, 5, "iteration", "clear", "loss", "encrypted", "loss", "seconds");
        for (int t = 0; t < runs.get(0).iterations().size(); t++) {
            String[] cells = new String[1 + 5 * runs.size()];
            cells[0] = Integer.toString(t + 1);
            for (int r = 0; r < runs.size(); r++) {
                HeadRun.Iteration i = runs.get(r).iterations().get(t);
                cells[1 + 5 * r] = Units.percent(i.accuracyClear());
                cells[2 + 5 * r] = loss(i.lossClear());
                cells[3 + 5 * r] = i.accuracyEncrypted() == null ? "-" : Units.percent(i.accuracyEncrypted());
                cells[4 + 5 * r] = i.lossEncrypted() == null ? "-" : loss(i.lossEncrypted());
                cells[5 + 5 * r] = Units.number(i.seconds());
            }
            table.row(cells);
        }
        return table;
    }

    private static void row(Table table, List<HeadRun> runs, int width, String first, String... repeated) {
        String[] cells = new String[1 + width * runs.size()];
        cells[0] = first;
        for (int c = 1; c < cells.length; c++) {
            cells[c] = repeated[(c - 1) % width];
        }
        table.row(cells);
    }

    private static void row(Table table, List<HeadRun> runs, String name, Function<HeadRun, String> cell) {
        String[] cells = new String[1 + runs.size()];
        cells[0] = name;
        for (int r = 0; r < runs.size(); r++) {
            cells[1 + r] = cell.apply(runs.get(r));
        }
        table.row(cells);
    }

    private static HeadRun.Iteration last(HeadRun run) {
        return run.iterations().get(run.iterations().size() - 1);
    }

    private static String loss(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static String bytes(@Nullable Long value) {
        return value == null ? "unknown" : Units.bytes(value);
    }

    private static String security(int bits) {
        return bits == 0 ? "NONE (test parameters)" : bits + " bits";
    }
}
