package org.veil4j.he.mlr;

import java.util.List;
import org.veil4j.he.mlr.clear.LabelledFeatures;
import org.veil4j.he.mlr.clear.SoftmaxHead;
import org.veil4j.he.mlr.encoding.FeatureScaling;

/** The owner's rows, fitted to a plan: what goes into slots, and what weights in slots mean. */
final class TrainingRows {
    private final MlrPlan plan;
    private final FeatureScaling scaling;
    private final LabelledFeatures train;

    private TrainingRows(MlrPlan plan, FeatureScaling scaling, LabelledFeatures train) {
        this.plan = plan;
        this.scaling = scaling;
        this.train = train;
    }

    /**
     * Fits preparation and factors.
     *
     * @throws IllegalArgumentException if the plan was made for other numbers of rows, features or classes, or for smaller
     *     features
     */
    static TrainingRows of(MlrPlan plan, LabelledFeatures train) {
        return of(plan, scaling(plan, train), train);
    }

    /** Fits preparation and factors as the plan says. */
    static FeatureScaling scaling(MlrPlan plan, LabelledFeatures train) {
        return FeatureScaling.fit(train, plan.preparation(), plan.settings().algorithm(), plan.encoding());
    }

    static TrainingRows of(MlrPlan plan, FeatureScaling scaling, LabelledFeatures train) {
        requireFit(plan, scaling, train);
        return new TrainingRows(plan, scaling, train);
    }

    /** Refuses data that the plan was not made for. */
    static void requireFit(MlrPlan plan, FeatureScaling scaling, LabelledFeatures train) {
        train.requireEveryClass();
        if (train.size() != plan.rows() || train.features() != plan.features() || train.classes() != plan.classes()) {
            throw new IllegalArgumentException("rows=" + train.size() + ", features=" + train.features() + ", classes="
                    + train.classes() + ": must be " + plan.rows() + ", " + plan.features() + ", " + plan.classes()
                    + " as in the plan; make a plan for this data");
        }
        if (scaling.boundLog2() != plan.values().spec().boundLog2()) {
            throw new IllegalArgumentException("largest prepared feature: at most 2^" + scaling.boundLog2()
                    + ", must be 2^" + plan.values().spec().boundLog2() + " as in the plan; make a plan for this data");
        }
    }

    List<double[]> datasetSlots() {
        int[] labels = new int[train.size()];
        for (int r = 0; r < labels.length; r++) {
            labels[r] = train.label(r);
        }
        return plan.encoder().datasetSlots(scaling.apply(train), labels);
    }

    /** Slots of the start weights, V and W at once; none if they are zero. */
    List<double[]> startSlots() {
        double start = plan.settings().startWeight();
        if (start == 0) {
            return List.of();
        }
        return plan.encoder().weightSlots(scaling.startWeights(plan.classes(), start));
    }

    /** The head of weights in scaled units. */
    SoftmaxHead head(double[][] scaled) {
        return scaling.head(scaled, plan.settings().startWeight());
    }
}
