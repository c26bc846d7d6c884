package org.veil4j.he.architecture.bad.nn.batch;

import org.veil4j.he.architecture.bad.dl4j.BadImporter;

/** Breaks its layer: looks upwards. */
class BadBatch {
    BadImporter upwards = new BadImporter();
}
