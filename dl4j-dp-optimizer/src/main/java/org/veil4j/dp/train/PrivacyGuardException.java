package org.veil4j.dp.train;

/** Something was refused because it would train, or reveal a gradient, outside of the plan. Nothing has been released. */
public final class PrivacyGuardException extends IllegalStateException {
    /** @param message what was tried, the rule, and what to do instead */
    public PrivacyGuardException(String message) {
        super(message);
    }
}
