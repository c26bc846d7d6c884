package org.veil4j.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;

/**
 * One run of the command inside the test.
 *
 * @param status exit status
 * @param out what it printed
 * @param err its messages
 */
record Cli(int status, String out, String err) {
    static Cli run(Object... args) {
        String[] text = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            text[i] = args[i].toString();
        }
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = Veil4jCommand.run(new PrintWriter(out, true), new PrintWriter(err, true), text);
        return new Cli(status, out.toString(), err.toString());
    }

    /** A run that must succeed and say nothing on the standard error. */
    static Cli done(Object... args) {
        return run(args).assertDone();
    }

    /** Asserts that this run succeeded and said nothing on the standard error. */
    Cli assertDone() {
        assertThat(err).isEmpty();
        assertThat(status).isZero();
        return this;
    }

    /** Asserts that this run ended as bad input, with one line that has all the words. */
    void assertBadInput(String... words) {
        assertThat(status).as(err).isEqualTo(2);
        assertThat(err.strip().lines()).hasSize(1);
        assertThat(err).startsWith("veil4j: ").contains(words);
    }

    static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }
}
