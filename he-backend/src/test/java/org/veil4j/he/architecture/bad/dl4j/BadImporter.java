package org.veil4j.he.architecture.bad.dl4j;

import org.veil4j.he.architecture.bad.nn.BadNetwork;
import org.veil4j.he.architecture.bad.rlwe.SecretKey;

/** Uses more than nn. */
public class BadImporter {
    BadNetwork back() {
        return new BadNetwork();
    }

    SecretKey key = new SecretKey();
}
