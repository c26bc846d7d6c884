package org.veil4j.he.mlr;

import java.io.DataOutput;
import java.io.IOException;
import org.veil4j.he.io.Fingerprint;
import org.veil4j.he.io.PayloadReader;
import org.veil4j.he.ring.Seed;
import org.veil4j.he.rlwe.ParameterMismatchException;

/**
 * What everything of an encrypted training carries, in memory and in files: the plan, and a random name of the owner's set of keys.
 * Two runs of one plan have different names, so that their keys, data, weights and heads are not mistaken for each other: decryption
 * would not notice, its result would be noise. The name is drawn, not derived: it says nothing about a key.
 *
 * @param plan fingerprint of the plan
 * @param keySet the name: 32 random bytes
 */
record Origin(Fingerprint plan, Fingerprint keySet) {
    /** One for a new set of keys. */
    static Origin create(MlrPlan plan) {
        return new Origin(plan.fingerprint(), Fingerprint.ofDigest(Seed.random().toBytes()));
    }

    void write(DataOutput out) throws IOException {
        plan.write(out);
        keySet.write(out);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @param what what it belongs to, for the message
     * @throws ParameterMismatchException if it belongs to another plan
     */
    static Origin read(PayloadReader in, MlrPlan plan, String what) throws IOException {
        Origin found = new Origin(Fingerprint.read(in), Fingerprint.read(in));
        if (!found.plan.equals(plan.fingerprint())) {
            throw new ParameterMismatchException("plan of " + what, plan.fingerprint(), found.plan);
        }
        return found;
    }

    /**
     * Refuses something of another origin.
     *
     * @param what that thing, for the message
     * @param among what it was to be used with
     * @throws ParameterMismatchException if it belongs to another plan
     * @throws IllegalArgumentException if it belongs to another set of keys
     */
    void requireSame(String what, Origin found, String among) {
        if (!found.plan.equals(plan)) {
            throw new ParameterMismatchException("plan of the " + what, plan, found.plan);
        }
        if (!found.keySet.equals(keySet)) {
            throw new IllegalArgumentException(what + " of key set " + found.keySet.shortHex() + ": must be of key set "
                    + keySet.shortHex() + " as the " + among + "; take all files from one run of encrypt-features, and"
                    + " another state folder for each");
        }
    }
}
