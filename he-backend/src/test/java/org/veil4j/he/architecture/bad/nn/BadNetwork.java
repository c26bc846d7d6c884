package org.veil4j.he.architecture.bad.nn;

import org.veil4j.he.architecture.bad.dl4j.BadImporter;

/** Breaks its layer, and makes a cycle. */
public class BadNetwork {
    BadImporter upwards = new BadImporter();
}
