package org.veil4j.experiments.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.FileTarget;

/**
 * One run: what ran, on what, and every figure that it printed. A JSON object: first the facts about the run (version, commit,
 * verb, arguments, seed, started, jdk, os, cpu, cores, maxHeapBytes), then the figures in the order in which they were put. Not
 * thread-safe.
 */
public final class RunRecord {
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .registerModule(new SimpleModule()
                    .addSerializer(Double.class, new NumberSerializer())
                    .addSerializer(Double.TYPE, new NumberSerializer()));

    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();
    private final Set<String> facts;
    private final long startNanos = System.nanoTime();
    private boolean confidential;

    /**
     * Starts a record.
     *
     * @param verb the command's name
     * @param arguments as given
     */
    public RunRecord(String verb, List<String> arguments) {
        values.put("version", version());
        values.put("commit", System.getProperty("veil4j.commit"));
        values.put("verb", verb);
        values.put("arguments", List.copyOf(arguments));
        values.put("seed", null);
        values.put("started", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        values.put("jdk", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        values.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        values.put("cpu", Machine.cpu());
        values.put("cores", Runtime.getRuntime().availableProcessors());
        values.put("maxHeapBytes", Runtime.getRuntime().maxMemory());
        facts = Set.copyOf(values.keySet());
    }

    /** The program's version, from the build. */
    public static String version() {
        try (InputStream in = RunRecord.class.getResourceAsStream("/org/veil4j/experiments/version.properties")) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Adds or replaces a value.
     *
     * @param name its name in the record
     * @param value a number, text, boolean, list, map or null; in the file NaN, which stands for what was not measured,
     *     is null, and an infinite number is text, as JSON has neither
     */
    public RunRecord put(String name, @Nullable Object value) {
        values.put(name, value);
        return this;
    }

    /** Says that the record holds what was encrypted: its file will be readable by its owner only. */
    public RunRecord confidential() {
        confidential = true;
        return this;
    }

    /** The value of that name, null if there is none. */
    public @Nullable Object get(String name) {
        return values.get(name);
    }

    /** What was put so far, without the facts about the run; a copy in the same order. */
    public Map<String, @Nullable Object> figures() {
        Map<String, @Nullable Object> figures = new LinkedHashMap<>(values);
        figures.keySet().removeAll(facts);
        return figures;
    }

    /** The facts about the run; a copy in their order. */
    public Map<String, @Nullable Object> facts() {
        Map<String, @Nullable Object> kept = new LinkedHashMap<>(values);
        kept.keySet().retainAll(facts);
        return kept;
    }

    /** Seconds since this record was started. */
    public double seconds() {
        return (System.nanoTime() - startNanos) * 1e-9;
    }

    /**
     * Writes the record, with the seconds since it was started as {@code secondsTotal} unless that was put. The file appears
     * under its name only when it is complete.
     *
     * @throws IOException if it cannot be written
     */
    public void write(Path file) throws IOException {
        values.putIfAbsent("secondsTotal", seconds());
        try (FileTarget target = FileTarget.create(file, confidential)) {
            OutputStream out = new BufferedOutputStream(target.stream());
            out.write(JSON.writeValueAsBytes(values));
            out.write('\n');
            out.flush();
            target.commit();
        } catch (IOException e) {
            String message = e.getMessage() == null ? "" : e.getMessage();
            throw message.startsWith("out=")
                    ? e
                    : new IOException("json=" + file + ": cannot be written (" + message + ")", e);
        }
    }

    @Override
    public String toString() {
        return "RunRecord" + Arrays.toString(values.keySet().toArray());
    }

    private static final class NumberSerializer extends StdSerializer<Double> {
        private static final long serialVersionUID = 1L;

        NumberSerializer() {
            super(Double.class);
        }

        @Override
        public void serialize(Double value, JsonGenerator out, SerializerProvider provider) throws IOException {
            if (value.isNaN()) {
                out.writeNull();
            } else if (value.isInfinite()) {
                out.writeString(value.toString());
            } else {
                out.writeNumber(value);
            }
        }
    }
}
