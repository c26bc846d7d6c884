package org.veil4j.he.nn.packed;

import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.SecurityLevel;

/** Secure parameters for a chain of levels: one choice for each number of key-switching digits. */
final class PackedParameters {
    /** Width of the prime that is never divided by: room for the result above its scale. */
    private static final int BASE_PRIME_BITS = 49;

    private static final Logger LOG = LogManager.getLogger(PackedParameters.class);

    private PackedParameters() {}

    /**
     * All parameter sets of a ring degree that are secure and hold the levels; few digits first. More digits make keys larger and
     * key switching slower, but the modulus narrower.
     */
    static List<RlweParameters> choices(PackedLevels levels, int logN, SecurityLevel security) {
        int[] bits = new int[levels.depth() + 1];
        bits[0] = BASE_PRIME_BITS;
        System.arraycopy(levels.primeBits(), 0, bits, 1, levels.depth());
        List<RlweParameters> choices = new ArrayList<>();
        int lastSize = 0;
        for (int digits = 1; digits <= bits.length; digits++) {
            int size = (bits.length + digits - 1) / digits;
            if (size == lastSize) {
                continue;
            }
            lastSize = size;
            try {
                choices.add(RlweParameters.builder()
                        .logN(logN)
                        .moduliBits(bits)
                        .digits(digits)
                        .security(security)
                        .build());
            } catch (IllegalArgumentException e) {
                LOG.debug("logN={}, digits={}: {}", logN, digits, e.getMessage());
            }
        }
        return choices;
    }
}
