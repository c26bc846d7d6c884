package org.veil4j.he.rlwe;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.veil4j.he.io.CorruptDataException;
import org.veil4j.he.io.FileKind;
import org.veil4j.he.io.FrameFile;
import org.veil4j.he.io.FrameReader;

/**
 * Evaluation keys that stay in their file and are loaded when they are used. Those used last stay in memory, up to a number of
 * bytes; callers may hold more for as long as they use them. A key is read, checked, unpacked and expanded in parallel: tens of
 * milliseconds for one of 50 MB.
 *
 * <p>Opening checks that every key is where it should be, not what is in it: a damaged or changed key is found when it is
 * loaded, and then the lookup throws an {@link UncheckedIOException} whose cause is the {@link CorruptDataException}.
 * A thread that is interrupted while it loads a key closes the file for all.
 */
public final class EvaluationKeyFile extends KeyLookup implements Closeable {
    private final FrameFile file;
    private final EvaluationKeyFormat.Header header;
    private final SortedMap<KeyName, Integer> frames;
    private final long budget;
    private final KeyCache cache;
    private final ThreadPoolExecutor background = new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            EvaluationKeyFile::daemon,
            new ThreadPoolExecutor.DiscardPolicy());

    private EvaluationKeyFile(
            FrameFile file,
            RlweParameters parameters,
            EvaluationKeyFormat.Header header,
            SortedMap<KeyName, Integer> frames,
            long budget) {
        super(parameters, contents(frames.keySet(), header), header.keyPair());
        this.file = file;
        this.header = header;
        this.frames = frames;
        this.budget = budget;
        this.cache = new KeyCache(budget);
        background.allowCoreThreadTimeOut(true);
    }

    private static KeyRequest contents(Set<KeyName> names, EvaluationKeyFormat.Header header) {
        SortedMap<KeyName, Integer> levels = new TreeMap<>();
        names.forEach(name -> levels.put(name, header.level(name)));
        return KeyRequest.of(levels);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "veil4j-key-prefetch");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Opens a file. It must not be changed before it is closed; replacing it by another under its name does no harm.
     *
     * @param residentBytes most bytes of keys that are kept in memory ({@link KeySwitchKey#sizeBytes}); a key that is larger is
     *     loaded for each use; at least 0
     * @throws CorruptDataException when it is not a file of evaluation keys, or is cut
     * @throws ParameterMismatchException when they belong to other parameters
     */
    public static EvaluationKeyFile open(Path path, RlweParameters parameters, long residentBytes) throws IOException {
        if (residentBytes < 0) {
            throw new IllegalArgumentException("residentBytes=" + residentBytes + ": must be at least 0");
        }
        FrameFile file = FrameFile.open(path, FileKind.EVALUATION_KEYS, EvaluationKeyFormat.MOST_FRAMES);
        try {
            int first = EvaluationKeyFormat.headerFrame(file);
            EvaluationKeyFormat.Header header = EvaluationKeyFormat.readHeader(
                    file.tag(first), file.openFrame(first).in(), parameters);
            SortedMap<KeyName, Integer> frames = EvaluationKeyFormat.index(file, first, parameters, header);
            return new EvaluationKeyFile(file, parameters, header, frames, residentBytes);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Which keys a file holds, whatever their parameters. Reads no residues.
     *
     * @throws CorruptDataException when it is not a file of evaluation keys, or is cut
     */
    public static KeyRequest contents(Path path) throws IOException {
        try (FrameFile file = FrameFile.open(path, FileKind.EVALUATION_KEYS, EvaluationKeyFormat.MOST_FRAMES)) {
            return EvaluationKeyFormat.contents(file);
        }
    }

    @Override
    KeySwitchKey get(KeyName name) {
        if (!file.isOpen()) {
            throw new IllegalStateException(name + ": the file of these evaluation keys was closed");
        }
        int level = reached(contents(), name);
        return cache.get(name, KeySwitchKey.sizeBytes(parameters(), level), () -> load(name, level));
    }

    private KeySwitchKey load(KeyName name, int level) {
        int frame = frames.getOrDefault(name, 0);
        try {
            FrameReader reader = file.openFrame(frame);
            KeyName found = EvaluationKeyFormat.readName(
                    file.tag(frame), reader.in(), parameters().n() / 2 - 1, header);
            if (!found.equals(name)) {
                throw file.corrupt(frame, "the " + name, "the " + found);
            }
            KeySwitchKey key = SeededKey.read(reader.in(), parameters(), level);
            reader.in().expectEnd();
            return key;
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /**
     * Begins to load rotations that will be asked for soon, in the background, as far as all of them fit the resident bytes.
     * Takes the place of an earlier hint that was not yet followed.
     */
    @Override
    public void prefetch(Collection<Integer> steps, int level) {
        background.getQueue().clear();
        long room = budget;
        List<KeyName> wanted = new ArrayList<>();
        for (int s : steps) {
            KeyName name = KeyName.rotation(Math.floorMod(s, parameters().n() / 2));
            int reached = reached(contents(), name);
            if (reached == KeyRequest.NO_KEY) {
                continue;
            }
            room -= KeySwitchKey.sizeBytes(parameters(), reached);
            if (room < 0) {
                break;
            }
            wanted.add(name);
        }
        for (KeyName name : wanted) {
            if (!cache.contains(name) && file.isOpen()) {
                background.execute(() -> prefetch(name));
            }
        }
    }

    /** What goes wrong here goes wrong again, and is reported, when the key is used. */
    private void prefetch(KeyName name) {
        try {
            if (!cache.contains(name)) {
                get(name);
            }
        } catch (RuntimeException e) {
            // Reported when the key is used.
        }
    }

    /** Bytes of the keys that are kept in memory now, those included that are being loaded to stay. */
    public long residentBytes() {
        return cache.residentBytes();
    }

    /** Releases the file and the keys. Lookups afterwards are an IllegalStateException. */
    @Override
    public void close() throws IOException {
        background.getQueue().clear();
        background.shutdown();
        file.close();
        cache.clear();
    }
}
