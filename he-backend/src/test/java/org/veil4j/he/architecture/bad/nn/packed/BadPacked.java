package org.veil4j.he.architecture.bad.nn.packed;

import org.veil4j.he.architecture.bad.dl4j.BadImporter;

/** Breaks its layer: looks upwards. */
class BadPacked {
    BadImporter upwards = new BadImporter();
}
