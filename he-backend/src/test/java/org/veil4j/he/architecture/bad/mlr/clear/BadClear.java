package org.veil4j.he.architecture.bad.mlr.clear;

import org.veil4j.he.architecture.bad.mlr.BadMlr;

/** Breaks its layer: looks upwards. */
class BadClear {
    BadMlr upwards = new BadMlr();
}
