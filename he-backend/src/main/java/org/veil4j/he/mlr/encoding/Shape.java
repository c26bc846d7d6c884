package org.veil4j.he.mlr.encoding;

/**
 * What a ciphertext will be, known before there is one.
 *
 * @param level its level
 * @param scale its scale
 */
public record Shape(int level, double scale) {}
