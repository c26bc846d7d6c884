package org.veil4j.he.ckks;

import java.math.BigInteger;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.KeySwitcher;
import org.veil4j.he.rlwe.LevelExhaustedException;
import org.veil4j.he.rlwe.RlweParameters;
import org.veil4j.he.rlwe.ScaleMismatchException;

/** Scales and levels: which scales count as the same, divisions by a level's last prime, and how operands meet. */
final class Rescaling {
    private static final double TOLERANCE = CkksEvaluator.SCALE_TOLERANCE;

    private final RlweParameters parameters;
    private final KeySwitcher switcher;

    Rescaling(RlweParameters parameters, KeySwitcher switcher) {
        this.parameters = parameters;
        this.switcher = switcher;
    }

    static void requireSameScale(double a, double b) {
        if (!(Math.abs(a - b) <= TOLERANCE * Math.abs(a))) {
            throw new ScaleMismatchException(
                    "scale=" + b + ": must be " + a + " as the other operand's; rescale or use alignTo first");
        }
    }

    static void requireRescalable(Ciphertext a) {
        if (a.level() == 0) {
            throw new LevelExhaustedException(
                    "level=0: a rescale needs a level above 0; use parameters with more ciphertext primes");
        }
    }

    /** The scale of a once it is divided by the last primes of its level. */
    double scaleBelow(Ciphertext a, int levels) {
        double scale = a.scale();
        for (int l = a.level(); l > a.level() - levels; l--) {
            scale /= parameters.q().modulus(l).p();
        }
        return scale;
    }

    /** See {@link CkksEvaluator#rescale}. */
    Ciphertext rescale(Ciphertext a) {
        parameters.requireSame("ciphertext", a.parameters());
        requireRescalable(a);
        RnsPoly[] parts = new RnsPoly[a.degree() + 1];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = RnsPoly.zero(parameters.qAt(a.level() - 1), true);
        }
        return rescaleInto(a, parts);
    }

    /** See {@link CkksEvaluator#rescaleInPlace}. */
    Ciphertext rescaleInPlace(Ciphertext a) {
        parameters.requireSame("ciphertext", a.parameters());
        requireRescalable(a);
        Ciphertext result = rescaleInto(a, LinearOps.parts(a.atLevel(a.level() - 1)));
        a.retire();
        return result;
    }

    private Ciphertext rescaleInto(Ciphertext a, RnsPoly[] results) {
        switcher.rescale(LinearOps.parts(a), results);
        return new Ciphertext(parameters, results, scaleBelow(a, 1), null);
    }

    /** See {@link CkksEvaluator#alignTo}. */
    Ciphertext alignTo(Ciphertext a, int level, double scale) {
        parameters.requireSame("ciphertext", a.parameters());
        if (a.level() >= level && Math.abs(a.scale() - scale) <= TOLERANCE * scale) {
            return a.atLevel(level).withScale(scale);
        }
        if (a.level() <= level) {
            throw new LevelExhaustedException("level=" + a.level() + ": must be above " + level + " to change scale "
                    + a.scale() + " to " + scale + "; align before the last rescale");
        }
        double factor = scale * parameters.q().modulus(level + 1).p() / a.scale();
        if (!(factor >= 1 / TOLERANCE)) {
            throw new ScaleMismatchException("scale=" + a.scale() + ": must be at most 2^-30 q" + (level + 1)
                    + " times the scale wanted, " + scale + "; rescale first");
        }
        BigInteger integer = CkksEncoder.scaled(factor, 1);
        return rescale(LinearOps.multiplyByInteger(parameters, a.atLevel(level + 1), integer, factor))
                .withScale(scale);
    }
}
