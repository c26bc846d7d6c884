/**
 * Internal, but for {@link org.veil4j.he.mlr.encoding.Encoding}: how a training lies in slots, and the circuits that run it there.
 * {@link org.veil4j.he.mlr.encoding.EncodingSpec} makes the encodings; what is above knows them as
 * {@link org.veil4j.he.mlr.encoding.MlrEncoding}. Knows no keys, no files of ciphertexts, and no plan.
 */
@NullMarked
package org.veil4j.he.mlr.encoding;

import org.jspecify.annotations.NullMarked;
