package org.veil4j.he.rlwe;

import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.io.PayloadReader;

/**
 * Evaluation keys as frames: a header that lists all keys with their levels, then a frame a key in the same order, which
 * repeats steps and level. Files of earlier versions had one level for all keys, and no list; they are still read.
 */
final class EvaluationKeyFormat {
    private static final String FRAME_HEADER = "EKH2";
    private static final String FRAME_OLD_HEADER = "EKHD";

    private EvaluationKeyFormat() {}

    /**
     * What the header says.
     *
     * @param keys the keys in the order of their frames; null in files of earlier versions
     * @param count number of keys
     * @param level of all keys in files of earlier versions
     */
    record Header(@Nullable SortedMap<KeyName, Integer> keys, int count, int level) {}

    /** Begins a set of keys, before any is there. */
    static void writeHeader(FrameWriter writer, RlweParameters parameters, KeyRequest request) throws IOException {
        writer.beginFrame(FRAME_HEADER);
        parameters.fingerprint().write(writer.out());
        request.write(writer.out(), parameters);
        writer.endFrame();
    }

    /** Writes the next key. */
    static void writeKey(FrameWriter writer, KeyName name, SeededKey key) throws IOException {
        writer.beginFrame(name.tag());
        writer.out().writeInt(name.steps());
        writer.out().writeInt(key.level());
        key.write(writer.out());
        writer.endFrame();
    }

    /** Reads the header, which must be the next frame. */
    static Header readHeader(FrameReader reader, RlweParameters parameters) throws IOException {
        String tag = reader.nextFrame();
        PayloadReader in = reader.in();
        boolean old = FRAME_OLD_HEADER.equals(tag);
        if (!old && !FRAME_HEADER.equals(tag)) {
            throw in.corrupt("frame " + FRAME_HEADER, tag == null ? "the end" : "frame " + tag);
        }
        parameters.requireFingerprint("evaluation keys", in);
        Header header;
        if (old) {
            int level = in.readInt("maxLevel", 0, parameters.maxLevel());
            header = new Header(null, in.readInt("key count", 0, parameters.n() / 2 + 1), level);
        } else {
            SortedMap<KeyName, Integer> keys = KeyRequest.read(in, parameters).levels(parameters);
            header = new Header(keys, keys.size(), KeyRequest.NO_KEY);
        }
        in.expectEnd();
        return header;
    }

    /** Reads which key a frame holds, up to where its residues begin. */
    static Map.Entry<KeyName, Integer> readName(
            @Nullable String tag, PayloadReader in, RlweParameters parameters, Header header) throws IOException {
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
            steps = in.readInt("rotation steps", rotation ? 1 : 0, rotation ? parameters.n() / 2 - 1 : 0);
        }
        int level = header.keys == null ? header.level : in.readInt("key level", 0, parameters.maxLevel());
        return Map.entry(new KeyName(kind, steps), level);
    }

    /** Reads all keys. */
    static SortedMap<KeyName, KeySwitchKey> read(FrameReader reader, RlweParameters parameters) throws IOException {
        Header header = readHeader(reader, parameters);
        PayloadReader in = reader.in();
        SortedMap<KeyName, KeySwitchKey> keys = new TreeMap<>();
        for (int i = 0; i < header.count; i++) {
            Map.Entry<KeyName, Integer> key = readName(reader.nextFrame(), in, parameters, header);
            if (keys.containsKey(key.getKey())) {
                throw in.corrupt("each key once", key.getKey() + " twice");
            }
            if (header.keys != null && !key.getValue().equals(header.keys.get(key.getKey()))) {
                throw in.corrupt("a key of the header's list", key.getKey() + " at level " + key.getValue());
            }
            keys.put(key.getKey(), SeededKey.read(in, parameters, key.getValue()));
            in.expectEnd();
        }
        return keys;
    }
}
