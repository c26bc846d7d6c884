package org.veil4j.he.architecture.bad.ckks;

import org.apache.logging.log4j.Level;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.veil4j.he.architecture.bad.nn.BadNetwork;

/** Breaks its layer: looks upwards. */
class BadCkks {
    BadNetwork upwards = new BadNetwork();
    WorkspaceMode mode = WorkspaceMode.NONE;
    Level level = Level.INFO;
}
