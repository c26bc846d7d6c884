package org.veil4j.he.rlwe;

import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.FrameReader;
import org.veil4j.he.io.FrameWriter;

/**
 * What a server computes with: a relinearisation key and keys for rotations and conjugation, each up to a level of its own.
 * Public. Never changes; safe for use by several threads. In memory ({@link #read}) or in a file ({@link EvaluationKeyFile}),
 * where a lookup may take tens of milliseconds: what needs many keys asks for each when it uses it, and hints at the next.
 */
public interface EvaluationKeys {
    /** No keys at all. */
    static EvaluationKeys none(RlweParameters parameters) {
        return new MemoryEvaluationKeys(parameters, Collections.emptySortedMap(), null);
    }

    /** The parameters. */
    RlweParameters parameters();

    /** Names the secret key that these were made with, see {@link SecretKey#keyPair}; null where files do not say. */
    @Nullable
    Fingerprint keyPair();

    /** Which keys there are, each with the highest level at which it can be used; steps are from 1 to N/2 - 1. */
    KeyRequest contents();

    /**
     * The key from s^2 to s.
     *
     * @param level where it is to be used
     * @throws MissingEvaluationKeyException when there is none for that level
     */
    KeySwitchKey relinearization(int level);

    /**
     * The key for a rotation.
     *
     * @param steps to the left, not 0 modulo N/2
     * @param level where it is to be used
     * @throws MissingEvaluationKeyException when there is none for that level
     */
    KeySwitchKey rotation(int steps, int level);

    /**
     * The key for conjugation.
     *
     * @param level where it is to be used
     * @throws MissingEvaluationKeyException when there is none for that level
     */
    KeySwitchKey conjugation(int level);

    /**
     * Hints that rotations will be asked for soon, in this order. Changes no result, and fails for nothing.
     *
     * @param steps to the left
     * @param level where they will be used
     */
    default void prefetch(Collection<Integer> steps, int level) {}

    /**
     * Checks that everything which a computation asks for is there, before it begins. Loads nothing.
     *
     * @throws MissingEvaluationKeyException naming the first key that is missing or does not reach its level
     */
    default void requireAll(KeyRequest needed) {
        KeyRequest contents = contents();
        for (Map.Entry<KeyName, Integer> key : needed.levels(parameters()).entrySet()) {
            KeyLookup.require(contents, key.getKey(), key.getValue());
        }
    }

    /** Whether there is a relinearisation key. */
    default boolean hasRelinearization() {
        return contents().relinearization();
    }

    /** Whether there is a conjugation key. */
    default boolean hasConjugation() {
        return contents().conjugation();
    }

    /** The rotations there are keys for, each from 1 to N/2 - 1 (steps to the left). */
    default SortedSet<Integer> rotations() {
        return Collections.unmodifiableSortedSet(
                new TreeSet<>(contents().rotations().keySet()));
    }

    /** How many keys. */
    default int count() {
        return contents().keyCount(parameters());
    }

    /** Memory in bytes of all keys, both halves, if they were in memory together. */
    default long sizeBytes() {
        return contents().sizeBytes(parameters());
    }

    /** Bytes when written, random halves as seeds, without the file's frames. */
    default long serializedBytes() {
        return contents().serializedBytes(parameters());
    }

    /** Writes a header frame and one frame a key. The caller opens and commits the file. */
    default void write(FrameWriter writer) throws IOException {
        KeyRequest contents = contents();
        EvaluationKeyFormat.writeHeader(writer, parameters(), contents, keyPair());
        for (Map.Entry<KeyName, Integer> key : contents.levels(parameters()).entrySet()) {
            int level = key.getValue();
            KeySwitchKey found = switch (key.getKey().kind()) {
                case RELINEARIZATION -> relinearization(level);
                case ROTATION -> rotation(key.getKey().steps(), level);
                case CONJUGATION -> conjugation(level);
            };
            EvaluationKeyFormat.writeKey(writer, key.getKey(), level, found.seeded()::write);
        }
    }

    /**
     * Reads what {@link #write} wrote, all of it into memory.
     *
     * @throws org.veil4j.he.io.CorruptDataException when the content is not a set of evaluation keys
     * @throws ParameterMismatchException when they belong to other parameters
     */
    static EvaluationKeys read(FrameReader reader, RlweParameters parameters) throws IOException {
        return EvaluationKeyFormat.read(reader, parameters);
    }
}
