package org.veil4j.he.rlwe;

import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.veil4j.he.io.PayloadReader;

/**
 * Which evaluation keys are wanted, each with the highest level at which it will be used: a key holds no more limbs than that
 * takes. Asking twice for a key keeps the higher level. Immutable.
 *
 * @param relinearizationLevel highest level of relinearisations; {@link #NO_KEY} for none, {@link #TOP_LEVEL} for all levels
 * @param rotations highest level by steps (left is positive; taken modulo N/2 under given parameters, where 0 needs no key)
 * @param conjugationLevel highest level of conjugations, as for relinearisations
 */
public record KeyRequest(int relinearizationLevel, SortedMap<Integer, Integer> rotations, int conjugationLevel) {
    /** In place of a level: no such key. */
    public static final int NO_KEY = -1;
    /** In place of a level: the highest level of the parameters that the keys are made for. */
    public static final int TOP_LEVEL = Integer.MAX_VALUE;

    private static final int ROTATION_BYTES = 8;

    /**
     * Checks and copies.
     *
     * @throws IllegalArgumentException when a level is negative and not {@link #NO_KEY}
     */
    public KeyRequest {
        if (relinearizationLevel != NO_KEY) {
            requireLevel(relinearizationLevel);
        }
        if (conjugationLevel != NO_KEY) {
            requireLevel(conjugationLevel);
        }
        rotations.values().forEach(KeyRequest::requireLevel);
        rotations = Collections.unmodifiableSortedMap(new TreeMap<>(rotations));
    }

    private static void requireLevel(int level) {
        if (level < 0) {
            throw new IllegalArgumentException(
                    "level=" + level + ": must be at least 0; leave the level out for keys that reach every level");
        }
    }

    /** No keys. */
    public static KeyRequest none() {
        return new KeyRequest(NO_KEY, new TreeMap<>(), NO_KEY);
    }

    /** This and a relinearisation key for every level. */
    public KeyRequest withRelinearization() {
        return withRelinearization(TOP_LEVEL);
    }

    /**
     * This and a relinearisation key.
     *
     * @param level highest level at which it will be used, at least 0
     */
    public KeyRequest withRelinearization(int level) {
        requireLevel(level);
        return new KeyRequest(Math.max(relinearizationLevel, level), rotations, conjugationLevel);
    }

    /**
     * This and a rotation.
     *
     * @param steps to the left
     * @param level highest level at which it will be used, at least 0
     */
    public KeyRequest withRotation(int steps, int level) {
        return withRotations(Collections.singleton(steps), level);
    }

    /** This and rotations at every level. */
    public KeyRequest withRotations(int... steps) {
        return withRotations(Arrays.stream(steps).boxed().toList(), TOP_LEVEL);
    }

    /** This and rotations at every level. */
    public KeyRequest withRotations(Collection<Integer> steps) {
        return withRotations(steps, TOP_LEVEL);
    }

    /**
     * This and rotations.
     *
     * @param steps each to the left
     * @param level highest level at which they will be used, at least 0
     */
    public KeyRequest withRotations(Collection<Integer> steps, int level) {
        requireLevel(level);
        SortedMap<Integer, Integer> all = new TreeMap<>(rotations);
        steps.forEach(s -> all.merge(s, level, Math::max));
        return new KeyRequest(relinearizationLevel, all, conjugationLevel);
    }

    /** This and a conjugation key for every level. */
    public KeyRequest withConjugation() {
        return withConjugation(TOP_LEVEL);
    }

    /**
     * This and a conjugation key.
     *
     * @param level highest level at which it will be used, at least 0
     */
    public KeyRequest withConjugation(int level) {
        requireLevel(level);
        return new KeyRequest(relinearizationLevel, rotations, Math.max(conjugationLevel, level));
    }

    /** What either of two requests asks for: of a key that both want, the higher level. */
    public KeyRequest and(KeyRequest other) {
        SortedMap<Integer, Integer> all = new TreeMap<>(rotations);
        other.rotations.forEach((steps, level) -> all.merge(steps, level, Math::max));
        return new KeyRequest(
                Math.max(relinearizationLevel, other.relinearizationLevel),
                all,
                Math.max(conjugationLevel, other.conjugationLevel));
    }

    /** Whether products are to be relinearised. */
    public boolean relinearization() {
        return relinearizationLevel != NO_KEY;
    }

    /** Whether slots are to be conjugated. */
    public boolean conjugation() {
        return conjugationLevel != NO_KEY;
    }

    /**
     * The same request in the terms of given parameters: steps from 1 to N/2 - 1 (of those that mean the same rotation, the
     * highest level), levels up to the parameters' highest.
     *
     * @throws IllegalArgumentException when a level is above the parameters' highest and not {@link #TOP_LEVEL}
     */
    public KeyRequest under(RlweParameters parameters) {
        SortedMap<Integer, Integer> canonical = new TreeMap<>();
        rotations.forEach((steps, level) -> canonical.merge(
                Math.floorMod(steps, parameters.n() / 2),
                under(parameters, KeyName.rotation(steps), level),
                Math::max));
        canonical.remove(0);
        return new KeyRequest(
                relinearization() ? under(parameters, KeyName.RELINEARIZATION, relinearizationLevel) : NO_KEY,
                canonical,
                conjugation() ? under(parameters, KeyName.CONJUGATION, conjugationLevel) : NO_KEY);
    }

    private static int under(RlweParameters parameters, KeyName name, int level) {
        if (level == TOP_LEVEL) {
            return parameters.maxLevel();
        }
        if (level > parameters.maxLevel()) {
            throw new IllegalArgumentException("level=" + level + " of the " + name + ": must be 0 to "
                    + parameters.maxLevel() + ", the highest of the parameters; leave it out for all levels");
        }
        return level;
    }

    /** The keys of {@link #under} by name, in the order in which they are made and written. */
    SortedMap<KeyName, Integer> levels(RlweParameters parameters) {
        return under(parameters).levels();
    }

    /** The keys of a request that is under parameters. */
    SortedMap<KeyName, Integer> levels() {
        SortedMap<KeyName, Integer> levels = new TreeMap<>();
        if (relinearization()) {
            levels.put(KeyName.RELINEARIZATION, relinearizationLevel);
        }
        rotations.forEach((steps, level) -> levels.put(KeyName.rotation(steps), level));
        if (conjugation()) {
            levels.put(KeyName.CONJUGATION, conjugationLevel);
        }
        return levels;
    }

    /** The request for keys of given names and levels. */
    static KeyRequest of(Map<KeyName, Integer> levels) {
        SortedMap<Integer, Integer> rotations = new TreeMap<>();
        int relinearization = NO_KEY;
        int conjugation = NO_KEY;
        for (Map.Entry<KeyName, Integer> key : levels.entrySet()) {
            switch (key.getKey().kind()) {
                case RELINEARIZATION -> relinearization = key.getValue();
                case ROTATION -> rotations.put(key.getKey().steps(), key.getValue());
                case CONJUGATION -> conjugation = key.getValue();
            }
        }
        return new KeyRequest(relinearization, rotations, conjugation);
    }

    /** How many keys this asks for. */
    public int keyCount(RlweParameters parameters) {
        return levels(parameters).size();
    }

    /** Memory in bytes of the keys, both halves; known before they are made. */
    public long sizeBytes(RlweParameters parameters) {
        return levels(parameters).values().stream()
                .mapToLong(level -> KeySwitchKey.sizeBytes(parameters, level))
                .sum();
    }

    /** Bytes of the keys when written, random halves as seeds, without the file's frames; known before they are made. */
    public long serializedBytes(RlweParameters parameters) {
        return levels(parameters).values().stream()
                .mapToLong(level -> KeySwitchKey.serializedBytes(parameters, level))
                .sum();
    }

    /** Writes what {@link #under} gives: the two levels, then the rotations. */
    public void write(DataOutput out, RlweParameters parameters) throws IOException {
        KeyRequest request = under(parameters);
        out.writeInt(request.relinearizationLevel);
        out.writeInt(request.conjugationLevel);
        out.writeInt(request.rotations.size());
        for (Map.Entry<Integer, Integer> rotation : request.rotations.entrySet()) {
            out.writeInt(rotation.getKey());
            out.writeInt(rotation.getValue());
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws org.veil4j.he.io.CorruptDataException when a level is not one of the parameters, or when steps are not from 1 to
     *     N/2 - 1 and ascending
     */
    public static KeyRequest read(PayloadReader in, RlweParameters parameters) throws IOException {
        return read(in, parameters.maxLevel(), parameters.n() / 2 - 1);
    }

    /** Reads what {@link #write} wrote for parameters of at most the given level and steps. */
    static KeyRequest read(PayloadReader in, int top, int last) throws IOException {
        int relinearization = in.readInt("relinearisation level", NO_KEY, top);
        int conjugation = in.readInt("conjugation level", NO_KEY, top);
        int count = in.readCount("rotations", last, ROTATION_BYTES);
        SortedMap<Integer, Integer> rotations = new TreeMap<>();
        for (int i = 0, least = 1; i < count; i++) {
            int steps = in.readInt("rotation steps, each once and ascending,", least, last);
            rotations.put(steps, in.readInt("rotation level", 0, top));
            least = steps + 1;
        }
        return new KeyRequest(relinearization, rotations, conjugation);
    }
}
