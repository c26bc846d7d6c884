package org.veil4j.he.architecture.bad.rlwe;

import org.veil4j.he.architecture.bad.nn.BadNetwork;

/** Breaks its layer: looks upwards. */
class BadRlwe {
    BadNetwork upwards = new BadNetwork();
}
