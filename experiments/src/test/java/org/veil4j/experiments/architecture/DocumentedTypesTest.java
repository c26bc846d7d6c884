package org.veil4j.experiments.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents name is there: types, packages and links. */
class DocumentedTypesTest {
    private static final Path ROOT = Path.of("..");
    /** Words with a capital letter inside, as types have it, other than units. */
    private static final Pattern TYPE =
            Pattern.compile("(?<![\\w/.:-])[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+(?![\\w./-]*\\.[a-z])\\b");

    private static final Pattern CODE = Pattern.compile("(?s)```.*?```|`[^`]+`");
    /** Names of other libraries and of things, and of what docs/design.md marks as planned. */
    private static final Set<String> OTHERS = Set.of(
            "Veil4J",
            "GiB",
            "MiB",
            "ReLU",
            "RegNet",
            "ImageNet",
            "NullAway",
            "NullMarked",
            "ComputationGraph",
            "EarlyStoppingTrainer",
            "FineTuneConfiguration",
            "L2NormalizeVertex",
            "ModelSerializer",
            "MultiLayerConfiguration",
            "MultiLayerNetwork",
            "NeuralNetConfiguration",
            "OutputLayer",
            "SecureRandom",
            "TransferLearning");

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(f -> f.toString().endsWith(ending)).toList();
        }
    }

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(files(ROOT.resolve("docs"), ".md"));
        try (Stream<Path> files = Files.list(ROOT)) {
            files.filter(f -> f.toString().endsWith(".md")).forEach(documents::add);
        }
        return documents;
    }

    private static Set<String> sources() throws IOException {
        Set<String> names = new HashSet<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path module : modules.map(m -> m.resolve("src"))
                    .filter(Files::isDirectory)
                    .toList()) {
                for (Path source : files(module, ".java")) {
                    names.add(String.valueOf(source.getFileName()).replace(".java", ""));
                }
            }
        }
        return names;
    }

    /** What stands in a document as code; all of docs/design.md, whose text names types without marks. */
    private static String code(Path document) throws IOException {
        String text = Files.readString(document);
        if (document.endsWith("design.md")) {
            return text;
        }
        StringBuilder code = new StringBuilder();
        Matcher parts = CODE.matcher(text);
        while (parts.find()) {
            code.append(parts.group()).append('\n');
        }
        return code.toString();
    }

    @Test
    void types_named_exist() throws IOException {
        Set<String> known = sources();
        assertThat(known).contains("CkksEvaluator", "DpPlan", "ZooPreset", "DocumentedTypesTest");
        known.addAll(OTHERS);
        for (Path document : documents()) {
            Set<String> named = new TreeSet<>();
            Matcher types = TYPE.matcher(code(document));
            while (types.find()) {
                named.add(types.group());
            }
            named.removeAll(known);
            assertThat(named).as("named in %s, and nowhere in code", document).isEmpty();
        }
    }

    /** The package list of docs/design.md, section 1: a line that begins with a package names it and its types. */
    @Test
    void packages_listed_exist() throws IOException {
        String design = Files.readString(ROOT.resolve("docs/design.md"));
        Matcher lines =
                Pattern.compile("(?m)^  ((?:layers|dp|he)(?:\\.[a-z0-9]+)+) ").matcher(design);
        Set<String> found = new TreeSet<>();
        while (lines.find()) {
            String path = "src/main/java/org/veil4j/" + lines.group(1).replace('.', '/');
            try (Stream<Path> modules = Files.list(ROOT)) {
                assertThat(modules.map(m -> m.resolve(path)).filter(Files::isDirectory))
                        .as(path)
                        .hasSize(1);
            }
            found.add(lines.group(1));
        }
        assertThat(found)
                .contains("layers.conv", "dp.train", "he.ring.kernel", "he.mlr", "he.mlr.clear")
                .hasSizeGreaterThan(15);
    }

    @Test
    void links_relative_lead_somewhere() throws IOException {
        for (Path document : documents()) {
            Matcher links = LINK.matcher(Files.readString(document));
            while (links.find()) {
                Path folder = document.toAbsolutePath().getParent();
                assertThat(folder == null ? null : folder.resolve(links.group(1)))
                        .as("%s in %s", links.group(1), document)
                        .exists();
            }
        }
    }
}
