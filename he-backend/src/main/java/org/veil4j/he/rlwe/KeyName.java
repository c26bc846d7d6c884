package org.veil4j.he.rlwe;

import java.util.Comparator;

/**
 * Which evaluation key: for relinearisation, a rotation or conjugation; in the order in which keys are made and written.
 *
 * @param steps of a rotation, to the left; 0 for the others
 */
record KeyName(Kind kind, int steps) implements Comparable<KeyName> {
    /** What a key is for. */
    enum Kind {
        RELINEARIZATION("RELK"),
        ROTATION("ROTK"),
        CONJUGATION("CONK");

        private final String tag;

        Kind(String tag) {
            this.tag = tag;
        }
    }

    static final KeyName RELINEARIZATION = new KeyName(Kind.RELINEARIZATION, 0);
    static final KeyName CONJUGATION = new KeyName(Kind.CONJUGATION, 0);

    private static final Comparator<KeyName> ORDER =
            Comparator.comparing(KeyName::kind).thenComparingInt(KeyName::steps);

    static KeyName rotation(int steps) {
        return new KeyName(Kind.ROTATION, steps);
    }

    /** The tag of the key's frame. */
    String tag() {
        return kind.tag;
    }

    /** What the key's owner would ask for. */
    String request(int level) {
        return switch (kind) {
            case RELINEARIZATION -> "KeyRequest.withRelinearization(" + level + ")";
            case ROTATION -> "KeyRequest.withRotation(" + steps + ", " + level + ")";
            case CONJUGATION -> "KeyRequest.withConjugation(" + level + ")";
        };
    }

    @Override
    public int compareTo(KeyName other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return switch (kind) {
            case RELINEARIZATION -> "relinearisation key";
            case ROTATION -> "rotation key for steps=" + steps;
            case CONJUGATION -> "conjugation key";
        };
    }
}
