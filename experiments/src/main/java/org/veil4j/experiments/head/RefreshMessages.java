package org.veil4j.experiments.head;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The messages of refreshes in a folder that server and owner share, or copy from one to the other. After iteration t the server
 * writes {@code refresh-t-request.veil}; the owner answers with {@code refresh-t-answer.veil} and then deletes the request, so a
 * request that is there has no answer yet. The server deletes the answer when the next iteration is finished and saved.
 */
final class RefreshMessages {
    private static final Pattern REQUEST = Pattern.compile("refresh-([0-9]{1,6})-request\\.veil");
    private static final Pattern ANY = Pattern.compile("refresh-([0-9]{1,6})-(request|answer)\\.veil");

    private final Path folder;

    RefreshMessages(Path folder) {
        this.folder = folder;
    }

    /** The server's message after an iteration. */
    Path request(int iteration) {
        return folder.resolve("refresh-" + iteration + "-request.veil");
    }

    /** The owner's message. */
    Path answer(int iteration) {
        return folder.resolve("refresh-" + iteration + "-answer.veil");
    }

    /** Iterations after which there is a request, ascending. */
    List<Integer> requests() throws IOException {
        return iterations(REQUEST);
    }

    /** Whether there is any message. */
    boolean any() throws IOException {
        return !iterations(ANY).isEmpty();
    }

    /** Deletes what belongs to iterations before a given one. */
    void deleteBefore(int iteration) throws IOException {
        for (int t : iterations(ANY)) {
            if (t < iteration) {
                Files.deleteIfExists(request(t));
                Files.deleteIfExists(answer(t));
            }
        }
    }

    private List<Integer> iterations(Pattern pattern) throws IOException {
        List<Integer> found = new ArrayList<>();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Matcher matcher = pattern.matcher(String.valueOf(file.getFileName()));
                if (matcher.matches()) {
                    found.add(Integer.parseInt(matcher.group(1)));
                }
            }
        }
        found.sort(Comparator.naturalOrder());
        return found;
    }
}
