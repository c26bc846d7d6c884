package org.veil4j.experiments.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Facts about the machine and the process that Java does not tell itself. */
public final class Machine {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private Machine() {}

    /**
     * The largest resident set size of this process so far, in bytes.
     *
     * @return null where the operating system does not tell (anything but Linux)
     */
    public static @Nullable Long peakRssBytes() {
        return kilobytes(lines(STATUS), "VmHWM:");
    }

    /** The processor's name, or the architecture where the operating system does not tell. */
    public static String cpu() {
        for (String line : lines(CPU_INFO)) {
            if (line.startsWith("model name")) {
                return line.substring(line.indexOf(':') + 1).strip();
            }
        }
        return System.getProperty("os.arch");
    }

    static @Nullable Long kilobytes(List<String> lines, String field) {
        for (String line : lines) {
            if (line.startsWith(field)) {
                String digits = line.replaceAll("[^0-9]", "");
                return digits.isEmpty() ? null : Long.parseLong(digits) * 1024;
            }
        }
        return null;
    }

    /** The lines of a file of the operating system, none where it does not exist or cannot be read. */
    private static List<String> lines(Path file) {
        try {
            return Files.isReadable(file) ? Files.readAllLines(file, StandardCharsets.ISO_8859_1) : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }
}
