package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

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
import picocli.CommandLine;

/** What the documents tell people to type is what the command understands. */
class DocumentedCommandsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```\\w*$(.*?)^```$");
    private static final Pattern INLINE = Pattern.compile("`([^`]+)`");
    private static final Pattern COMMAND = Pattern.compile("\\./veil4j ([^#;\\n]*)");
    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z0-9-]*");
    /** Of java, in a command for benchmarks. */
    private static final Set<String> OTHERS = Set.of("--add-modules");

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        for (Path folder : List.of(ROOT, ROOT.resolve("docs"))) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(f -> f.toString().endsWith(".md")).sorted().forEach(documents::add);
            }
        }
        return documents;
    }

    private static CommandLine command() {
        return new CommandLine(new Veil4jCommand()).setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** What follows the name of the command in some lines. */
    private static List<String> commands(String lines) {
        List<String> commands = new ArrayList<>();
        Matcher command = COMMAND.matcher(lines);
        while (command.find()) {
            commands.add(command.group(1).strip());
        }
        return commands;
    }

    @Test
    void commands_inBlocks_areUnderstood() throws IOException {
        int whole = 0;
        for (Path document : documents()) {
            Matcher blocks = BLOCK.matcher(Files.readString(document));
            while (blocks.find()) {
                for (String command : commands(blocks.group(1).replace("\\\n", " "))) {
                    if (!command.contains("...")) {
                        whole++;
                        assertThatCode(() -> command().parseArgs(command.split(" +")))
                                .as("%s: ./veil4j %s", document, command)
                                .doesNotThrowAnyException();
                    }
                }
            }
        }
        assertThat(whole).isGreaterThan(30);
    }

    @Test
    void verbs_withinLines_exist() throws IOException {
        Set<String> verbs = new TreeSet<>();
        StringBuilder all = new StringBuilder();
        for (Path document : documents()) {
            String text = Files.readString(document);
            all.append(text);
            Matcher inline = INLINE.matcher(BLOCK.matcher(text).replaceAll(""));
            while (inline.find()) {
                for (String command : commands(inline.group(1).replaceAll("^veil4j\\s+", "./veil4j "))) {
                    verbs.add(command.split("\\s+", 2)[0]);
                }
            }
        }
        verbs.remove("VERB"); // stands for any
        assertThat(verbs).contains("train", "account", "inspect");
        Set<String> known = command().getSubcommands().keySet();
        verbs.removeAll(known);
        assertThat(verbs).as("verbs that there are not").isEmpty();
        assertThat(known)
                .allSatisfy(verb -> assertThat(all.toString())
                        .as("verb %s in some document", verb)
                        .containsPattern("[`\\s]" + Pattern.quote(verb) + "[`\\s]"));
    }

    @Test
    void options_named_exist() throws IOException {
        Set<String> known = new HashSet<>(OTHERS);
        command()
                .getSubcommands()
                .values()
                .forEach(verb -> known.addAll(verb.getCommandSpec().optionsMap().keySet()));
        for (Path document : documents()) {
            String text = Files.readString(document);
            Set<String> named = new TreeSet<>();
            Matcher options = OPTION.matcher(text);
            while (options.find()) {
                named.add(options.group());
            }
            named.removeAll(known);
            assertThat(named).as("options in %s that no verb has", document).isEmpty();
        }
    }
}
