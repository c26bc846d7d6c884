package org.veil4j.he.architecture.bad.io;

import org.veil4j.he.architecture.bad.nn.BadNetwork;

/** Breaks its layer: looks upwards. */
class BadIo {
    BadNetwork upwards = new BadNetwork();
}
