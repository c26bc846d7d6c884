/** Training a classifier head on encrypted features: experiments in one process, and the server's and client's files. */
@NullMarked
package org.veil4j.experiments.head;

import org.jspecify.annotations.NullMarked;
