package org.veil4j.he.mlr;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ckks.CkksParameters;

/**
 * The choices that make a plan, without its parameters.
 *
 * @param classes number of classes
 * @param features features of a row
 * @param rows training rows
 * @param settings a sigmoid algorithm
 * @param sigmoid its polynomial
 * @param preparation what the owner does first
 * @param encodingKind how numbers lie in slots
 * @param boundLog2 log2 of what prepared and scaled columns are divided by
 * @param preconditionerLog2 log2 of what the inverse bound is divided by where it is a ciphertext of its own; else 0
 * @param mostWidth in the diagonal encoding, the widest that a row may be, a power of two
 * @param keepRotations whether rotated features stay in memory
 * @param refreshPoints iterations after which weights are refreshed, ascending
 */
record PlanValues(
        int classes,
        int features,
        int rows,
        MlrSettings settings,
        SigmoidPolynomial sigmoid,
        Preparation preparation,
        Encoding encodingKind,
        int boundLog2,
        int preconditionerLog2,
        int mostWidth,
        boolean keepRotations,
        List<Integer> refreshPoints) {
    PlanValues {
        refreshPoints = List.copyOf(refreshPoints);
        if (settings.algorithm() == MlrAlgorithm.SOFTMAX_NAG) {
            throw new IllegalArgumentException(
                    "algorithm=" + settings.algorithm() + ": is for the clear only; use a sigmoid algorithm");
        }
        if (sigmoid.degree() > DiagonalEncoding.MAX_DEGREE) {
            throw new IllegalArgumentException("degree=" + sigmoid.degree() + ": must be at most "
                    + DiagonalEncoding.MAX_DEGREE + " in an encrypted run");
        }
        int before = 0;
        for (int point : refreshPoints) {
            if (point <= before || point >= settings.iterations()) {
                throw new IllegalArgumentException("refreshPoints=" + refreshPoints + ": must ascend, be at least 1"
                        + " and below iterations=" + settings.iterations());
            }
            before = point;
        }
    }

    /** These with other refresh points. */
    PlanValues withRefreshPoints(List<Integer> points) {
        return with(mostWidth, points);
    }

    /** These with narrower rows. */
    PlanValues withMostWidth(int width) {
        return with(width, refreshPoints);
    }

    private PlanValues with(int width, List<Integer> points) {
        return new PlanValues(
                classes,
                features,
                rows,
                settings,
                sigmoid,
                preparation,
                encodingKind,
                boundLog2,
                preconditionerLog2,
                width,
                keepRotations,
                points);
    }

    /** Levels that an iteration takes. */
    int iterationLevels() {
        return encodingKind == Encoding.DIAGONAL
                ? DiagonalEncoding.iterationLevels(sigmoid.degree())
                : RevolverEncoding.iterationLevels(settings, sigmoid.degree());
    }

    /** Levels that the first iteration takes when all weights are zero. */
    int firstLevels() {
        if (settings.startWeight() != 0) {
            return iterationLevels();
        }
        return encodingKind == Encoding.DIAGONAL
                ? DiagonalEncoding.FIRST_LEVELS
                : RevolverEncoding.firstLevels(settings);
    }

    /** Whether weights are to be refreshed after iteration t. */
    boolean refreshesAfter(int t) {
        return refreshPoints.contains(t);
    }

    /** Level of V before iteration t, or of the data if all weights are zero then. */
    int levelBefore(int t) {
        int end = settings.iterations();
        for (int i = refreshPoints.size() - 1; i >= 0 && refreshPoints.get(i) >= t; i--) {
            end = refreshPoints.get(i);
        }
        return (end - t) * iterationLevels() + (t == 1 ? firstLevels() : iterationLevels());
    }

    /** Levels that the longest stretch without a refresh takes. */
    int levels() {
        int most = levelBefore(1);
        for (int point : refreshPoints) {
            most = Math.max(most, levelBefore(point + 1));
        }
        return most;
    }

    /**
     * Refresh points that make do with so many levels, as few as possible.
     *
     * @return null if there are too few levels for any
     */
    @Nullable
    List<Integer> refreshPoints(int levels) {
        List<Integer> points = new ArrayList<>();
        int t = levels < firstLevels() ? 0 : 1 + (levels - firstLevels()) / iterationLevels();
        while (t > 0 && t < settings.iterations()) {
            points.add(t);
            t = levels < iterationLevels() ? 0 : t + levels / iterationLevels();
        }
        return t == 0 ? null : points;
    }

    /** Shapes of the start weights, which are V and W at once; none if they are zero. */
    List<Shape> startShapes(MlrEncoding encoding) {
        return settings.startWeight() == 0
                ? List.of()
                : encoding.weightShapes(levelBefore(1)).subList(0, encoding.weightVectors());
    }

    /** The encoding under given parameters. */
    MlrEncoding encoding(CkksParameters parameters) {
        boolean quadratic = settings.algorithm() == MlrAlgorithm.SIGMOID_NAG_QUADRATIC;
        if (encodingKind == Encoding.VOLLEY_REVOLVER) {
            return new RevolverEncoding(
                    new RevolverLayout(parameters.slots(), classes, features + 1, rows, settings),
                    settings,
                    sigmoid,
                    Math.scalb(1.0, quadratic ? preconditionerLog2 : 2 * boundLog2),
                    boundLog2,
                    parameters.logScale(),
                    parameters.maxLevel());
        }
        double[] primes = new double[parameters.maxLevel() + 1];
        for (int i = 0; i < primes.length; i++) {
            primes[i] = parameters.rlwe().q().modulus(i).p();
        }
        return new DiagonalEncoding(
                new DiagonalLayout(parameters.slots(), classes, features + 1, rows, mostWidth, settings),
                settings,
                sigmoid,
                Math.scalb(1.0, 2 * boundLog2),
                parameters.logScale(),
                primes,
                levelBefore(1),
                keepRotations);
    }
}
