package org.veil4j.he.architecture.bad.mlr.encoding;

import org.veil4j.he.architecture.bad.mlr.BadMlr;

/** Breaks its layer: looks upwards. */
public class BadEncoding {
    BadMlr upwards = new BadMlr();
}
