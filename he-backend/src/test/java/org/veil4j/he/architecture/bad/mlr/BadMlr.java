package org.veil4j.he.architecture.bad.mlr;

import org.veil4j.he.architecture.bad.nn.BadNetwork;

/** Breaks its layer: looks upwards. */
public class BadMlr {
    BadNetwork upwards = new BadNetwork();
}
