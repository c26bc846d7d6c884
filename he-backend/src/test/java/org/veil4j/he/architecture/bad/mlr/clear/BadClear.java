package org.veil4j.he.architecture.bad.mlr.clear;

import org.veil4j.he.architecture.bad.mlr.encoding.BadEncoding;

/** Breaks its layer: looks upwards. */
class BadClear {
    BadEncoding upwards = new BadEncoding();
}
