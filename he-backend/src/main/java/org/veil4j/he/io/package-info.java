/**
 * Framed, versioned, fingerprinted files and streams: the lowest layer, which knows nothing of cryptography.
 *
 * <p>A file is a 48-byte header, frames, and an end marker. All integers are big-endian except packed residues.
 * <pre>
 * header   "VEIL4J" | version u16 | kind, 4 ASCII | parameter fingerprint, 32 bytes | CRC-32C of the 44 bytes before
 * frame    tag, 4 ASCII | chunk | chunk | ... | last chunk
 * chunk    length u32, top bit set on the last one, at most 1 MiB | payload | CRC-32C
 * end      a frame with tag "END." that holds the number of frames before it, u64; nothing follows
 * </pre>
 * A chunk's checksum also covers its place (frame number, chunk number, tag, length), so that lost, repeated or exchanged
 * chunks are found. The checksums find accidents, not forgers: whoever can write a file can write its checksums.
 */
@NullMarked
package org.veil4j.he.io;

import org.jspecify.annotations.NullMarked;
