package org.veil4j.he.rlwe;

import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameFile;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.ring.RnsBasis;

/**
 * Evaluation keys as frames: a header that lists all keys with their levels, then a frame a key in the same order, which
 * repeats steps and level. The header names the key pair, too, where that is known. Files of earlier versions had one level for
 * all keys, and no list; they are still read.
 */
final class EvaluationKeyFormat {
    private static final String FRAME_HEADER = "EKH2";
    /** A header with the key pair behind the list. */
    private static final String FRAME_NAMED_HEADER = "EKH3";

    private static final String FRAME_OLD_HEADER = "EKHD";

    /** Most steps of a rotation under any parameters. */
    private static final int MOST_STEPS = (1 << RnsBasis.MAX_LOG_N) / 2 - 1;
    /** Most frames of a file under any parameters: a key for each rotation, two others, the header and one of another. */
    static final int MOST_FRAMES = MOST_STEPS + 4;

    private EvaluationKeyFormat() {}

    /**
     * What the header says.
     *
     * @param keys the keys in the order of their frames; null in files of earlier versions
     * @param count number of keys
     * @param level of all keys in files of earlier versions
     * @param keyPair what the keys were made with; null where the file does not say
     */
    record Header(
            @Nullable SortedMap<KeyName, Integer> keys,
            int count,
            int level,
            @Nullable Fingerprint keyPair) {
        /** The level of a key; {@link KeyRequest#NO_KEY} if there is no such key. */
        int level(KeyName name) {
            return keys == null ? level : keys.getOrDefault(name, KeyRequest.NO_KEY);
        }
    }

    /** Begins a set of keys, before any is there. */
    static void writeHeader(
            FrameWriter writer, RlweParameters parameters, KeyRequest request, @Nullable Fingerprint keyPair)
            throws IOException {
        writer.beginFrame(keyPair == null ? FRAME_HEADER : FRAME_NAMED_HEADER);
        parameters.fingerprint().write(writer.out());
        request.write(writer.out(), parameters);
        if (keyPair != null) {
            keyPair.write(writer.out());
        }
        writer.endFrame();
    }

    /** Writes a key's seed and residues. */
    interface Content {
        void write(DataOutput out) throws IOException;
    }

    /** Writes the next key. */
    static void writeKey(FrameWriter writer, KeyName name, int level, Content key) throws IOException {
        writer.beginFrame(name.tag());
        writer.out().writeInt(name.steps());
        writer.out().writeInt(level);
        key.write(writer.out());
        writer.endFrame();
    }

    /** The number of the header's frame; frames before it belong to others. */
    static int headerFrame(FrameFile file) throws IOException {
        for (int frame = 0; frame < file.frames(); frame++) {
            if (isHeader(file.tag(frame))) {
                return frame;
            }
        }
        throw file.corrupt(file.frames(), "frame " + FRAME_HEADER, "the end");
    }

    static boolean isHeader(@Nullable String tag) {
        return FRAME_HEADER.equals(tag) || FRAME_NAMED_HEADER.equals(tag) || FRAME_OLD_HEADER.equals(tag);
    }

    /** Reads the header of keys of the given parameters. */
    static Header readHeader(@Nullable String tag, PayloadReader in, RlweParameters parameters) throws IOException {
        if (!isHeader(tag)) {
            throw in.corrupt("frame " + FRAME_HEADER, tag == null ? "the end" : "frame " + tag);
        }
        parameters.requireFingerprint("evaluation keys", in);
        return readHeader(tag, in, parameters.maxLevel(), parameters.n() / 2 - 1);
    }

    /** Reads the header behind the fingerprint, of keys of parameters of at most the given level and steps. */
    private static Header readHeader(@Nullable String tag, PayloadReader in, int top, int last) throws IOException {
        Header header;
        if (FRAME_OLD_HEADER.equals(tag)) {
            int level = in.readInt("maxLevel", 0, top);
            header = new Header(null, in.readInt("key count", 0, last + 2), level, null);
        } else {
            SortedMap<KeyName, Integer> keys = KeyRequest.read(in, top, last).levels();
            Fingerprint keyPair = FRAME_NAMED_HEADER.equals(tag) ? Fingerprint.read(in) : null;
            header = new Header(keys, keys.size(), KeyRequest.NO_KEY, keyPair);
        }
        in.expectEnd();
        return header;
    }

    /** Which keys a file holds, whatever their parameters; their residues are not read. */
    static KeyRequest contents(FrameFile file) throws IOException {
        int first = headerFrame(file);
        PayloadReader in = file.openFrame(first).in();
        Fingerprint.read(in);
        Header header = readHeader(file.tag(first), in, RlweParameters.MAX_PRIMES - 1, MOST_STEPS);
        if (header.keys != null) {
            return KeyRequest.of(header.keys);
        }
        SortedMap<KeyName, Integer> keys = new TreeMap<>();
        for (int frame = first + 1; frame < file.frames(); frame++) {
            KeyName name = readName(file.tag(frame), file.openFrame(frame).in(), MOST_STEPS, header);
            keys.put(name, header.level);
        }
        return KeyRequest.of(keys);
    }

    /**
     * Reads which key a frame holds, up to where its residues begin.
     *
     * @param last most steps of a rotation
     * @throws org.veil4j.he.io.CorruptDataException when the header's list has it not, or at another level
     */
    static KeyName readName(@Nullable String tag, PayloadReader in, int last, Header header) throws IOException {
        KeyName.Kind kind = null;
        for (KeyName.Kind k : KeyName.Kind.values()) {
            kind = new KeyName(k, 0).tag().equals(tag) ? k : kind;
        }
        if (kind == null) {
            throw in.corrupt(header.count + " evaluation keys", tag == null ? "the end" : "frame " + tag);
        }
        boolean rotation = kind == KeyName.Kind.ROTATION;
        int steps = 0;
        if (rotation || header.keys != null) {
            steps = in.readInt("rotation steps", rotation ? 1 : 0, rotation ? last : 0);
        }
        KeyName name = new KeyName(kind, steps);
        if (header.keys != null) {
            int level = in.readInt();
            if (level != header.level(name)) {
                throw in.corrupt("a key of the header's list", name + " up to level " + level);
            }
        }
        return name;
    }

    /**
     * Where the keys are: the frames behind the header. Of files of earlier versions each is opened for that.
     *
     * @param first the header's frame
     */
    static SortedMap<KeyName, Integer> index(FrameFile file, int first, RlweParameters parameters, Header header)
            throws IOException {
        if (file.frames() - first - 1 != header.count) {
            throw file.corrupt(
                    first,
                    "a list of the " + (file.frames() - first - 1) + " keys that follow",
                    "one of " + header.count);
        }
        List<KeyName> listed = header.keys == null ? List.of() : List.copyOf(header.keys.keySet());
        SortedMap<KeyName, Integer> frames = new TreeMap<>();
        for (int frame = first + 1; frame < file.frames(); frame++) {
            KeyName name = header.keys == null
                    ? readName(file.tag(frame), file.openFrame(frame).in(), parameters.n() / 2 - 1, header)
                    : listed.get(frame - first - 1);
            boolean twice = frames.put(name, frame) != null;
            int level = header.level(name);
            long bytes = nameBytes(name, header) + KeySwitchKey.serializedBytes(parameters, level);
            if (twice || !name.tag().equals(file.tag(frame)) || file.payloadBytes(frame) != bytes) {
                throw file.corrupt(
                        frame,
                        "the " + name + " up to level " + level + " in " + bytes + " bytes",
                        twice ? "it twice" : "frame " + file.tag(frame) + " of " + file.payloadBytes(frame) + " bytes");
            }
        }
        return frames;
    }

    private static int nameBytes(KeyName name, Header header) {
        if (header.keys != null) {
            return 2 * Integer.BYTES;
        }
        return name.kind() == KeyName.Kind.ROTATION ? Integer.BYTES : 0;
    }

    /** Reads all keys. */
    static EvaluationKeys read(FrameReader reader, RlweParameters parameters) throws IOException {
        PayloadReader in = reader.in();
        Header header = readHeader(reader.nextFrame(), in, parameters);
        SortedMap<KeyName, KeySwitchKey> keys = new TreeMap<>();
        for (int i = 0; i < header.count; i++) {
            KeyName name = readName(reader.nextFrame(), in, parameters.n() / 2 - 1, header);
            if (keys.containsKey(name)) {
                throw in.corrupt("each key once", name + " twice");
            }
            keys.put(name, SeededKey.read(in, parameters, header.level(name)));
            in.expectEnd();
        }
        return new MemoryEvaluationKeys(parameters, keys, header.keyPair);
    }
}
