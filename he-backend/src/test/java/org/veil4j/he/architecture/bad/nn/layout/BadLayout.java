package org.veil4j.he.architecture.bad.nn.layout;

import org.veil4j.he.architecture.bad.dl4j.BadImporter;

/** Breaks its layer: looks upwards. */
class BadLayout {
    BadImporter upwards = new BadImporter();
}
