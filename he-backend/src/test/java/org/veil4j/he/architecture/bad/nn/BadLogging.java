package org.veil4j.he.architecture.bad.nn;

import org.slf4j.Logger;

/** Knows a logging binding. */
class BadLogging {
    Class<?> type = Logger.class;
}
