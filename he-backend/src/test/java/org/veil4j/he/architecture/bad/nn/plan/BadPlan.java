package org.veil4j.he.architecture.bad.nn.plan;

import org.veil4j.he.architecture.bad.dl4j.BadImporter;

/** Breaks its layer: looks upwards. */
class BadPlan {
    BadImporter upwards = new BadImporter();
}
