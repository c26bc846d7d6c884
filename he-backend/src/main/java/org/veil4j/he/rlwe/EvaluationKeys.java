package org.veil4j.he.rlwe;

import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;
import org.veil4j.he.io.PayloadReader;

/** What a server computes with: a relinearisation key and keys for rotations and conjugation. Public. Immutable. */
public final class EvaluationKeys {
    private static final String FRAME_HEADER = "EKHD";
    private static final String FRAME_RELINEARIZATION = "RELK";
    private static final String FRAME_ROTATION = "ROTK";
    private static final String FRAME_CONJUGATION = "CONK";

    private final RlweParameters parameters;
    private final int maxLevel;
    private final @Nullable KeySwitchKey relinearization;
    private final SortedMap<Integer, KeySwitchKey> rotations;
    private final @Nullable KeySwitchKey conjugation;

    EvaluationKeys(
            RlweParameters parameters,
            int maxLevel,
            @Nullable KeySwitchKey relinearization,
            SortedMap<Integer, KeySwitchKey> rotations,
            @Nullable KeySwitchKey conjugation) {
        this.parameters = parameters;
        this.maxLevel = maxLevel;
        this.relinearization = relinearization;
        this.rotations = Collections.unmodifiableSortedMap(new TreeMap<>(rotations));
        this.conjugation = conjugation;
    }

    /** No keys at all. */
    public static EvaluationKeys none(RlweParameters parameters) {
        return new EvaluationKeys(parameters, parameters.maxLevel(), null, new TreeMap<>(), null);
    }

    /** The parameters. */
    public RlweParameters parameters() {
        return parameters;
    }

    /** The highest level at which the keys can be used. */
    public int maxLevel() {
        return maxLevel;
    }

    /** Whether there is a relinearisation key. */
    public boolean hasRelinearization() {
        return relinearization != null;
    }

    /** Whether there is a conjugation key. */
    public boolean hasConjugation() {
        return conjugation != null;
    }

    /** The rotations there are keys for, each from 1 to N/2 - 1 (steps to the left). */
    public SortedSet<Integer> rotations() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(rotations.keySet()));
    }

    /**
     * The key from s^2 to s.
     *
     * @param level where it is to be used
     * @throws MissingEvaluationKeyException when there is none for that level
     */
    public KeySwitchKey relinearization(int level) {
        return require(relinearization, "relinearisation key", "KeyRequest.withRelinearization()", level);
    }

    /**
     * The key for a rotation.
     *
     * @param steps to the left, not 0 modulo N/2
     * @param level where it is to be used
     * @throws MissingEvaluationKeyException when there is none for that level
     */
    public KeySwitchKey rotation(int steps, int level) {
        int canonical = Math.floorMod(steps, parameters.n() / 2);
        return require(
                rotations.get(canonical),
                "rotation key for steps=" + steps,
                "KeyRequest.withRotations(" + steps + ")",
                level);
    }

    /**
     * The key for conjugation.
     *
     * @param level where it is to be used
     * @throws MissingEvaluationKeyException when there is none for that level
     */
    public KeySwitchKey conjugation(int level) {
        return require(conjugation, "conjugation key", "KeyRequest.withConjugation()", level);
    }

    private KeySwitchKey require(@Nullable KeySwitchKey key, String what, String remedy, int level) {
        if (key == null) {
            throw new MissingEvaluationKeyException(
                    what + ": not among the evaluation keys; ask the key owner for it with " + remedy);
        }
        if (level > maxLevel) {
            throw new MissingEvaluationKeyException(what + " at level=" + level + ": the keys reach level " + maxLevel
                    + " only; ask the key owner for more with KeyRequest.withMaxLevel(" + level + ")");
        }
        return key;
    }

    /** How many keys. */
    public int count() {
        return rotations.size() + (relinearization == null ? 0 : 1) + (conjugation == null ? 0 : 1);
    }

    /** Memory in bytes, both halves. */
    public long sizeBytes() {
        return count() * KeySwitchKey.sizeBytes(parameters, maxLevel);
    }

    /** Bytes when written, random halves as seeds, without the file's frames. */
    public long serializedBytes() {
        return count() * KeySwitchKey.serializedBytes(parameters, maxLevel);
    }

    /** Memory in bytes of the keys for a request, known before they are made. */
    public static long sizeBytes(RlweParameters parameters, KeyRequest request) {
        return request.keyCount(parameters) * KeySwitchKey.sizeBytes(parameters, request.levelUnder(parameters));
    }

    /** Writes a header frame and one frame a key. The caller opens and commits the file. */
    public void write(FrameWriter writer) throws IOException {
        writer.beginFrame(FRAME_HEADER);
        parameters.fingerprint().write(writer.out());
        writer.out().writeInt(maxLevel);
        writer.out().writeInt(count());
        writer.endFrame();
        if (relinearization != null) {
            writer.beginFrame(FRAME_RELINEARIZATION);
            relinearization.write(writer.out());
            writer.endFrame();
        }
        for (Map.Entry<Integer, KeySwitchKey> entry : rotations.entrySet()) {
            writer.beginFrame(FRAME_ROTATION);
            writer.out().writeInt(entry.getKey());
            entry.getValue().write(writer.out());
            writer.endFrame();
        }
        if (conjugation != null) {
            writer.beginFrame(FRAME_CONJUGATION);
            conjugation.write(writer.out());
            writer.endFrame();
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws org.veil4j.he.io.CorruptDataException when the content is not a set of evaluation keys
     * @throws ParameterMismatchException when they belong to other parameters
     */
    public static EvaluationKeys read(FrameReader reader, RlweParameters parameters) throws IOException {
        reader.expectFrame(FRAME_HEADER);
        PayloadReader in = reader.in();
        parameters.requireFingerprint("evaluation keys", in);
        int maxLevel = in.readInt("maxLevel", 0, parameters.maxLevel());
        int slots = parameters.n() / 2;
        int count = in.readInt("key count", 0, slots + 1);
        in.expectEnd();
        KeySwitchKey relinearization = null;
        KeySwitchKey conjugation = null;
        SortedMap<Integer, KeySwitchKey> rotations = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            String tag = reader.nextFrame();
            if (FRAME_RELINEARIZATION.equals(tag) && relinearization == null) {
                relinearization = KeySwitchKey.read(in, parameters, maxLevel);
            } else if (FRAME_CONJUGATION.equals(tag) && conjugation == null) {
                conjugation = KeySwitchKey.read(in, parameters, maxLevel);
            } else if (FRAME_ROTATION.equals(tag)) {
                int steps = in.readInt("rotation steps", 1, slots - 1);
                if (rotations.put(steps, KeySwitchKey.read(in, parameters, maxLevel)) != null) {
                    throw in.corrupt("each rotation once", "rotation " + steps + " twice");
                }
            } else {
                throw in.corrupt(count + " evaluation keys, each once", "frame " + tag + " after " + i);
            }
            in.expectEnd();
        }
        return new EvaluationKeys(parameters, maxLevel, relinearization, rotations, conjugation);
    }

    @Override
    public String toString() {
        return "EvaluationKeys[" + parameters.fingerprint().shortHex() + ", relinearization=" + hasRelinearization()
                + ", rotations=" + rotations.keySet() + ", conjugation=" + hasConjugation() + ", maxLevel=" + maxLevel
                + "]";
    }
}
