package org.veil4j.he.architecture.bad.ring.kernel;

import org.veil4j.he.architecture.bad.nn.BadNetwork;

/** Breaks its layer: looks upwards. */
class BadKernel {
    BadNetwork upwards = new BadNetwork();
}
