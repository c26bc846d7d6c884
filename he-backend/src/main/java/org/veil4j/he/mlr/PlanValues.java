package org.veil4j.he.mlr;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.veil4j.he.ckks.CkksParameters;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.Preparation;
import org.veil4j.he.mlr.encoding.EncodingSpec;
import org.veil4j.he.mlr.encoding.MlrEncoding;
import org.veil4j.he.mlr.encoding.Shape;

/**
 * The choices that make a plan, without its parameters.
 *
 * @param spec what is encoded and run
 * @param preparation what the owner does first
 * @param refreshPoints iterations after which weights are refreshed, ascending
 */
record PlanValues(EncodingSpec spec, Preparation preparation, List<Integer> refreshPoints) {
    PlanValues {
        refreshPoints = List.copyOf(refreshPoints);
        int before = 0;
        for (int point : refreshPoints) {
            if (point <= before || point >= spec.settings().iterations()) {
                throw new IllegalArgumentException("refreshPoints=" + refreshPoints + ": must ascend, be at least 1"
                        + " and below iterations=" + spec.settings().iterations());
            }
            before = point;
        }
    }

    /** These with other refresh points. */
    PlanValues withRefreshPoints(List<Integer> points) {
        return new PlanValues(spec, preparation, points);
    }

    /** These with something else that is encoded. */
    PlanValues withSpec(EncodingSpec other) {
        return new PlanValues(other, preparation, refreshPoints);
    }

    /** What is run. */
    MlrSettings settings() {
        return spec.settings();
    }

    /** Whether weights are to be refreshed after iteration t. */
    boolean refreshesAfter(int t) {
        return refreshPoints.contains(t);
    }

    /** Level of V before iteration t, or of the data if all weights are zero then. */
    int levelBefore(int t) {
        int end = settings().iterations();
        for (int i = refreshPoints.size() - 1; i >= 0 && refreshPoints.get(i) >= t; i--) {
            end = refreshPoints.get(i);
        }
        return (end - t) * spec.iterationLevels() + (t == 1 ? spec.firstLevels() : spec.iterationLevels());
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
        int t = levels < spec.firstLevels() ? 0 : 1 + (levels - spec.firstLevels()) / spec.iterationLevels();
        while (t > 0 && t < settings().iterations()) {
            points.add(t);
            t = levels < spec.iterationLevels() ? 0 : t + levels / spec.iterationLevels();
        }
        return t == 0 ? null : points;
    }

    /** Shapes of the start weights, which are V and W at once; none if they are zero. */
    List<Shape> startShapes(MlrEncoding encoding) {
        return settings().startWeight() == 0
                ? List.of()
                : encoding.weightShapes(levelBefore(1)).subList(0, encoding.weightVectors());
    }

    /** The encoding under given parameters. */
    MlrEncoding encoding(CkksParameters parameters) {
        return spec.encoding(parameters, levelBefore(1));
    }
}
