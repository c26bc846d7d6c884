package org.veil4j.he.architecture.bad.nn;

/** Reaches the secret by a detour. */
class BadServer {
    BadNetwork network = new BadNetwork();
}
