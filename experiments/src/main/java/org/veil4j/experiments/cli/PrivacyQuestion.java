package org.veil4j.experiments.cli;

import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.veil4j.dp.accounting.Accounting;
import org.veil4j.dp.accounting.NoiseCalibrator;
import org.veil4j.dp.accounting.PrivacyGuarantee;
import org.veil4j.dp.accounting.SampledGaussian;
import org.veil4j.dp.accounting.Sampling;

/**
 * What may be asked of the accountants, as text by name: samplingRate, or examples and batch; steps, or epochs;
 * noiseMultiplier or targetEpsilon; delta; accounting; sampling. A name that is absent was not given.
 */
final class PrivacyQuestion {
    private final Map<String, String> given;
    private final Function<String, String> shown;

    /**
     * A question.
     *
     * @param given values by name
     * @param shown how a name is written where the question was asked, for messages
     */
    PrivacyQuestion(Map<String, String> given, Function<String, String> shown) {
        this.given = Map.copyOf(given);
        this.shown = shown;
    }

    /**
     * The answer.
     *
     * @throws UsageException if something is missing, given twice, or no number
     * @throws IllegalArgumentException if a value is out of range, or the target cannot be reached
     */
    PrivacyGuarantee answer() {
        conflict("samplingRate", "batch");
        conflict("steps", "epochs");
        conflict("noiseMultiplier", "targetEpsilon");
        Long examples = whole("examples");
        Accounting accounting = choice("accounting", Accounting.class, Accounting.RDP);
        Sampling sampling = choice("sampling", Sampling.class, Sampling.POISSON);
        double rate = rate(examples);
        long perEpoch = stepsPerEpoch(examples, rate, sampling);
        long steps = steps(perEpoch);
        double delta = require("delta", number("delta"));
        double noise = noise(delta, rate, steps, perEpoch, accounting, sampling);
        PrivacyGuarantee.Builder guarantee = PrivacyGuarantee.of(new SampledGaussian(rate, noise), steps, delta)
                .accounting(accounting);
        if (sampling == Sampling.SHUFFLED) {
            guarantee.shuffled(perEpoch);
        }
        if (examples != null) {
            guarantee.examples(examples);
        }
        return guarantee.build();
    }

    private double rate(@Nullable Long examples) {
        Double rate = number("samplingRate");
        if (rate != null) {
            return new SampledGaussian(rate, 0).samplingRate();
        }
        Long batch = whole("batch");
        if (batch == null) {
            throw new UsageException(shown.apply("samplingRate") + ": missing; give it, or " + shown.apply("examples")
                    + " and " + shown.apply("batch"));
        }
        long all = require("examples", examples);
        if (batch > all) {
            throw new UsageException(
                    shown.apply("batch") + "=" + batch + ": must be at most the number of examples, " + all);
        }
        return (double) batch / all;
    }

    /** As a training plan counts them: examples over batch, rounded up; from a rate alone to the safe side. */
    private long stepsPerEpoch(@Nullable Long examples, double rate, Sampling sampling) {
        Long batch = whole("batch");
        if (examples != null && batch != null) {
            return (examples + batch - 1) / batch;
        }
        double exact = 1 / rate;
        return (long)
                (sampling == Sampling.SHUFFLED ? Math.floor(exact * (1 + 1e-12)) : Math.ceil(exact * (1 - 1e-12)));
    }

    private long steps(long perEpoch) {
        Long epochs = whole("epochs");
        if (epochs == null) {
            Double steps = number("steps");
            if (steps == null) {
                throw new UsageException(shown.apply("steps") + ": missing; give it, or " + shown.apply("epochs"));
            }
            if (!(steps >= 0 && steps <= 1L << 53 && steps == Math.rint(steps))) {
                throw new UsageException(
                        shown.apply("steps") + "=" + given.get("steps") + ": must be a whole number, not negative");
            }
            return steps.longValue();
        }
        if (epochs > Long.MAX_VALUE / 2 / perEpoch) {
            throw new UsageException(shown.apply("epochs") + "=" + epochs + ": too many");
        }
        return epochs * perEpoch;
    }

    private double noise(
            double delta, double rate, long steps, long perEpoch, Accounting accounting, Sampling sampling) {
        Double noise = number("noiseMultiplier");
        if (noise != null) {
            return noise;
        }
        Double target = number("targetEpsilon");
        if (target == null) {
            throw new UsageException(
                    shown.apply("noiseMultiplier") + ": missing; give it, or " + shown.apply("targetEpsilon"));
        }
        return sampling == Sampling.POISSON
                ? NoiseCalibrator.noiseMultiplier(target, delta, rate, steps, accounting)
                : NoiseCalibrator.noiseMultiplier(
                        target, delta, 1, PrivacyGuarantee.participations(steps, perEpoch), accounting);
    }

    private void conflict(String one, String other) {
        if (given.containsKey(one) && given.containsKey(other)) {
            throw new UsageException(shown.apply(one) + ": given together with " + shown.apply(other)
                    + ", which says the same; give one of them");
        }
    }

    private @Nullable Double number(String name) {
        String text = given.get(name);
        if (text == null) {
            return null;
        }
        try {
            return Double.valueOf(text);
        } catch (NumberFormatException e) {
            throw new UsageException(shown.apply(name) + "=" + text + ": is no number", e);
        }
    }

    private @Nullable Long whole(String name) {
        Double value = number(name);
        if (value == null) {
            return null;
        }
        if (!(value >= 1 && value <= 1L << 53 && value == Math.rint(value))) {
            throw new UsageException(
                    shown.apply(name) + "=" + given.get(name) + ": must be a whole number, at least 1");
        }
        return value.longValue();
    }

    private <T extends Enum<T>> T choice(String name, Class<T> type, T usual) {
        String text = given.get(name);
        if (text == null) {
            return usual;
        }
        for (T value : type.getEnumConstants()) {
            if (value.name().equalsIgnoreCase(text)) {
                return value;
            }
        }
        StringBuilder choices = new StringBuilder();
        for (T value : type.getEnumConstants()) {
            choices.append(choices.isEmpty() ? "" : " or ").append(value.name().toLowerCase(Locale.ROOT));
        }
        throw new UsageException(shown.apply(name) + "=" + text + ": must be " + choices);
    }

    private <T> T require(String name, @Nullable T value) {
        if (value == null) {
            throw new UsageException(shown.apply(name) + ": missing; give it");
        }
        return value;
    }
}
