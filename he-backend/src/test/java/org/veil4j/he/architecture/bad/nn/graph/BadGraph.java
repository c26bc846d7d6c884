package org.veil4j.he.architecture.bad.nn.graph;

import org.veil4j.he.architecture.bad.dl4j.BadImporter;

/** Breaks its layer: looks upwards. */
class BadGraph {
    BadImporter upwards = new BadImporter();
}
