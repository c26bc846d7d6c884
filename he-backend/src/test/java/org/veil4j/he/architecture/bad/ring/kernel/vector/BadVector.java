package org.veil4j.he.architecture.bad.ring.kernel.vector;

import org.veil4j.he.architecture.bad.nn.BadNetwork;

/** Breaks its layer: looks upwards. */
class BadVector {
    BadNetwork upwards = new BadNetwork();
}
