package org.veil4j.zoo;

import java.util.Arrays;
import java.util.Locale;

/** What a zoo network is shaped for. */
public enum Variant {
    /** ReLU with max pooling or group normalisation: for training with differential privacy; cannot be encrypted. */
    DP_OPTIMISED("dp-optimised"),
    /** Polynomial activations, average pooling, normalisation that folds: everything in it can be computed under encryption. */
    HE_ALIGNED("he-aligned"),
    /**
     * As {@link #HE_ALIGNED}, and valid under differential privacy: no normalisation mixes examples. The CryptoNets have no
     * normalisation, so for them it is the same network.
     */
    HE_ALIGNED_DP("he-aligned-dp"),
    /**
     * {@link #HE_ALIGNED} with ReLU in place of its polynomials: what the polynomials cost in accuracy is measured against it.
     * It can be neither encrypted nor, with its batch normalisation, trained privately.
     */
    RELU_CONTROL("relu-control");

    private final String id;

    Variant(String id) {
        this.id = id;
    }

    /**
     * The name on the command line and in file names.
     *
     * @return for example {@code he-aligned}
     */
    public String id() {
        return id;
    }

    /**
     * Whether networks of this variant can be computed under encryption.
     *
     * @return true for both HE-aligned variants
     */
    public boolean heAligned() {
        return this == HE_ALIGNED || this == HE_ALIGNED_DP;
    }

    /**
     * Finds a variant by its id.
     *
     * @param id one of the ids, in any case
     * @return the variant
     * @throws IllegalArgumentException for any other name
     */
    public static Variant of(String id) {
        for (Variant v : values()) {
            if (v.id.equals(id.toLowerCase(Locale.ROOT))) {
                return v;
            }
        }
        throw new IllegalArgumentException("variant=" + id + ": unknown; use one of "
                + Arrays.stream(values()).map(Variant::id).toList());
    }

    @Override
    public String toString() {
        return id;
    }
}
