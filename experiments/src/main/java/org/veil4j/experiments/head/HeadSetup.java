package org.veil4j.experiments.head;

import org.veil4j.he.mlr.MlrPlan;
import org.veil4j.he.mlr.MlrPlanBuilder;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.Preparation;
import org.veil4j.he.mlr.encoding.Encoding;
import org.veil4j.he.rlwe.SecurityLevel;

/**
 * What an encrypted training is to do.
 *
 * @param encoding how numbers lie in slots
 * @param preparation what the owner does to features first
 * @param settings algorithm, iterations, steps, polynomial
 * @param ring encryption parameters
 */
public record HeadSetup(Encoding encoding, Preparation preparation, MlrSettings settings, Ring ring) {
    /**
     * Encryption parameters, as far as they are chosen by hand.
     *
     * @param logN log2 of the ring degree; 0 for the plan's choice
     * @param scaleBits bits of a level; 0 for the plan's choice
     * @param refreshEvery iterations between refreshes; 0 for as many as the levels allow
     * @param memoryBytes what the server may take; 0 for no limit
     * @param insecure whether security may be given up, for tests
     */
    public record Ring(int logN, int scaleBits, int refreshEvery, long memoryBytes, boolean insecure) {}

    /** This with another encoding. */
    public HeadSetup with(Encoding other) {
        return new HeadSetup(other, preparation, settings, ring);
    }

    /**
     * The plan for given rows, for a server with memory of its own.
     *
     * @throws IllegalArgumentException if nothing fits
     */
    public MlrPlan plan(LabelledFeatures train) {
        return builder(train).build();
    }

    /**
     * The plan for given rows, for a server in this process: rotations are not kept where the heap would not hold them.
     *
     * @param heap bytes of the largest heap, as {@link Runtime#maxMemory} says
     * @throws IllegalArgumentException if nothing fits
     * @throws org.veil4j.experiments.report.InsufficientHeapException if nothing fits the heap
     */
    public MlrPlan planWithin(LabelledFeatures train, long heap) {
        MlrPlanBuilder builder = builder(train);
        MlrPlan plan = builder.build();
        if (!HeapLimit.holds(plan, heap)) {
            plan = builder.keepRotations(false).build();
        }
        HeapLimit.requireServer(plan, heap);
        return plan;
    }

    private MlrPlanBuilder builder(LabelledFeatures train) {
        MlrPlanBuilder builder = MlrPlan.builder(train, preparation, settings)
                .encoding(encoding)
                .refreshEvery(ring.refreshEvery)
                .security(ring.insecure ? SecurityLevel.INSECURE_TEST : SecurityLevel.BITS_128);
        if (ring.logN != 0) {
            builder.logN(ring.logN);
        }
        if (ring.scaleBits != 0) {
            builder.scaleBits(ring.scaleBits);
        }
        if (ring.memoryBytes != 0) {
            builder.memoryBytes(ring.memoryBytes);
        }
        return builder;
    }
}
