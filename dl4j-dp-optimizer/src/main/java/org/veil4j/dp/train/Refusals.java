package org.veil4j.dp.train;

/** What both network classes say to calls that would go round the plan. */
final class Refusals {
    private Refusals() {}

    static PrivacyGuardException update() {
        return new PrivacyGuardException(
                "update: would apply a gradient that this network did not make private; call fit");
    }

    static PrivacyGuardException configuration() {
        return new PrivacyGuardException(
                "configuration: would be another one than the network was made private with, and"
                        + " files would lose the plan; make a new network from the new configuration");
    }

    static PrivacyGuardException pretrain() {
        return new PrivacyGuardException("pretrain: trains layer by layer without clipping and noise; call fit");
    }

    static PrivacyGuardException gradient(String method) {
        return new PrivacyGuardException(method
                + ": would hand out a gradient without clipping and noise; use a stock network where that is meant");
    }

    static IllegalArgumentException sequences(String shape) {
        return new IllegalArgumentException(
                "features=" + shape + ": sequences have no per-example gradient rule; use images or flat features");
    }

    static PrivacyGuardException accumulator() {
        return new PrivacyGuardException(
                "gradientsAccumulator: would share updates outside of the plan; train in one process");
    }
}
