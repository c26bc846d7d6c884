package org.veil4j.he.architecture.bad.circuit;

import org.veil4j.he.architecture.bad.nn.BadNetwork;

/** Breaks its layer: looks upwards. */
class BadCircuit {
    BadNetwork upwards = new BadNetwork();
}
