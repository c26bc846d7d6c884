package org.veil4j.dp.mechanism;

import org.veil4j.dp.accounting.Accounting;
import org.veil4j.dp.accounting.NoiseCalibrator;
import org.veil4j.dp.accounting.PrivacyGuarantee;
import org.veil4j.dp.accounting.SampledGaussian;
import org.veil4j.dp.accounting.Sampling;

/** What a plan's steps cost, and the noise that a budget needs. */
final class PlanAccounting {
    private PlanAccounting() {}

    static PrivacyGuarantee guarantee(DpPlan plan, long steps) {
        PrivacyGuarantee.Builder guarantee = PrivacyGuarantee.of(
                        new SampledGaussian(plan.samplingRate(), plan.noiseMultiplier()), steps, plan.delta())
                .accounting(plan.accounting())
                .examples(plan.examples());
        if (plan.sampling() == Sampling.SHUFFLED) {
            guarantee.shuffled(plan.stepsPerEpoch());
        }
        if (plan.isSeededForTesting()) {
            guarantee.notPrivate("noise and batches come from a seed that is stored with the plan, for testing");
        }
        return guarantee.build();
    }

    static double calibrate(
            int examples,
            int expectedBatch,
            long steps,
            double epsilon,
            double delta,
            Sampling sampling,
            Accounting accounting) {
        if (sampling == Sampling.SHUFFLED) {
            long participations =
                    PrivacyGuarantee.participations(steps, PlanRules.stepsPerEpoch(examples, expectedBatch));
            return NoiseCalibrator.noiseMultiplier(epsilon, delta, 1, participations, accounting);
        }
        return NoiseCalibrator.noiseMultiplier(epsilon, delta, (double) expectedBatch / examples, steps, accounting);
    }
}
