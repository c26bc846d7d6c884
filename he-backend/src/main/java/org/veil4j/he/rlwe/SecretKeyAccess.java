package org.veil4j.he.rlwe;

/** The token without which no secret key is written or read: search for its uses to find every export of a secret. */
public final class SecretKeyAccess {
    private static final SecretKeyAccess TOKEN = new SecretKeyAccess();

    private SecretKeyAccess() {}

    /** The token. Calling this says: this code handles secret key bytes on purpose. */
    public static SecretKeyAccess token() {
        return TOKEN;
    }
}
