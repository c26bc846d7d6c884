package org.veil4j.he.rlwe;

import org.jspecify.annotations.Nullable;
import org.veil4j.he.io.Fingerprint;

/** What every form of evaluation keys does alike: finds the name, and refuses keys that are missing or do not reach. */
abstract class KeyLookup implements EvaluationKeys {
    private final RlweParameters parameters;
    private final KeyRequest contents;
    private final @Nullable Fingerprint keyPair;

    KeyLookup(RlweParameters parameters, KeyRequest contents, @Nullable Fingerprint keyPair) {
        this.parameters = parameters;
        this.contents = contents;
        this.keyPair = keyPair;
    }

    /** The key of a canonical name that is among the contents. */
    abstract KeySwitchKey get(KeyName name);

    @Override
    public final RlweParameters parameters() {
        return parameters;
    }

    @Override
    public final @Nullable Fingerprint keyPair() {
        return keyPair;
    }

    @Override
    public final KeyRequest contents() {
        return contents;
    }

    @Override
    public final KeySwitchKey relinearization(int level) {
        require(contents, KeyName.RELINEARIZATION, level);
        return get(KeyName.RELINEARIZATION);
    }

    @Override
    public final KeySwitchKey rotation(int steps, int level) {
        KeyName name = KeyName.rotation(Math.floorMod(steps, parameters.n() / 2));
        require(reached(contents, name), KeyName.rotation(steps), level);
        return get(name);
    }

    @Override
    public final KeySwitchKey conjugation(int level) {
        require(contents, KeyName.CONJUGATION, level);
        return get(KeyName.CONJUGATION);
    }

    /** The highest level of a key of a canonical name, {@link KeyRequest#NO_KEY} if there is none. */
    static int reached(KeyRequest contents, KeyName name) {
        return switch (name.kind()) {
            case RELINEARIZATION -> contents.relinearizationLevel();
            case ROTATION -> contents.rotations().getOrDefault(name.steps(), KeyRequest.NO_KEY);
            case CONJUGATION -> contents.conjugationLevel();
        };
    }

    /**
     * Checks that a key reaches a level.
     *
     * @throws MissingEvaluationKeyException when it does not, or is not there
     */
    static void require(KeyRequest contents, KeyName canonical, int level) {
        require(reached(contents, canonical), canonical, level);
    }

    private static void require(int reached, KeyName name, int level) {
        if (level < 0) {
            throw new IllegalArgumentException("level=" + level + ": must be at least 0");
        }
        if (reached < level) {
            throw new MissingEvaluationKeyException(name + " at level=" + level
                    + (reached == KeyRequest.NO_KEY
                            ? ": not among the evaluation keys; ask the key owner for it with "
                            : ": the key reaches level " + reached + " only; ask the key owner for more with ")
                    + name.request(level));
        }
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + parameters.fingerprint().shortHex() + ", " + contents + "]";
    }
}
