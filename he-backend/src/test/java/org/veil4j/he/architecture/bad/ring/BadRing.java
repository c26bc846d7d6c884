package org.veil4j.he.architecture.bad.ring;

import java.util.Random;
import org.veil4j.he.architecture.bad.nn.BadNetwork;

/** Breaks its layer: looks upwards. */
class BadRing {
    BadNetwork upwards = new BadNetwork();
    Random random = new Random(1);
}
