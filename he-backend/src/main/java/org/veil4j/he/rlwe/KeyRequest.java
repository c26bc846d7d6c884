package org.veil4j.he.rlwe;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which evaluation keys are wanted. Immutable.
 *
 * @param relinearization whether products are to be relinearised
 * @param rotations the steps, left is positive; taken modulo N/2 when the keys are made; 0 needs no key
 * @param conjugation whether slots are to be conjugated
 * @param maxLevel highest level at which the keys will be used, so that they hold no more limbs than needed; -1 for all
 */
public record KeyRequest(boolean relinearization, SortedSet<Integer> rotations, boolean conjugation, int maxLevel) {
    /** Checks and copies. */
    public KeyRequest {
        if (maxLevel < -1) {
            throw new IllegalArgumentException("maxLevel=" + maxLevel + ": must be at least 0, or -1 for all levels");
        }
        rotations = Collections.unmodifiableSortedSet(new TreeSet<>(rotations));
    }

    /** No keys. */
    public static KeyRequest none() {
        return new KeyRequest(false, new TreeSet<>(), false, -1);
    }

    /** This and the relinearisation key. */
    public KeyRequest withRelinearization() {
        return new KeyRequest(true, rotations, conjugation, maxLevel);
    }

    /** This and the given rotations. */
    public KeyRequest withRotations(Collection<Integer> steps) {
        SortedSet<Integer> all = new TreeSet<>(rotations);
        all.addAll(steps);
        return new KeyRequest(relinearization, all, conjugation, maxLevel);
    }

    /** This and the given rotations. */
    public KeyRequest withRotations(int... steps) {
        SortedSet<Integer> all = new TreeSet<>(rotations);
        for (int s : steps) {
            all.add(s);
        }
        return new KeyRequest(relinearization, all, conjugation, maxLevel);
    }

    /** This and the conjugation key. */
    public KeyRequest withConjugation() {
        return new KeyRequest(relinearization, rotations, true, maxLevel);
    }

    /** This, for use up to the given level only; -1 for all. */
    public KeyRequest withMaxLevel(int level) {
        return new KeyRequest(relinearization, rotations, conjugation, level);
    }

    /** The rotations that need a key under given parameters: steps modulo N/2, without 0. */
    public SortedSet<Integer> canonicalRotations(RlweParameters parameters) {
        SortedSet<Integer> steps = new TreeSet<>();
        for (int s : rotations) {
            steps.add(Math.floorMod(s, parameters.n() / 2));
        }
        steps.remove(0);
        return steps;
    }

    /** How many keys this asks for. */
    public int keyCount(RlweParameters parameters) {
        return canonicalRotations(parameters).size() + (relinearization ? 1 : 0) + (conjugation ? 1 : 0);
    }

    /** The level that the keys reach under given parameters. */
    public int levelUnder(RlweParameters parameters) {
        return maxLevel < 0 ? parameters.maxLevel() : Math.min(maxLevel, parameters.maxLevel());
    }
}
