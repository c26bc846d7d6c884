/**
 * The CKKS scheme: vectors of real or complex numbers as plaintexts, arithmetic on their encryptions, and how precise the
 * results are.
 */
@NullMarked
package org.veil4j.he.ckks;

import org.jspecify.annotations.NullMarked;
