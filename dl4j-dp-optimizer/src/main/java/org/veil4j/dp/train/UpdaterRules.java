package org.veil4j.dp.train;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.IUpdater;
import org.veil4j.dp.mechanism.DpPlan;

/** Every parameter's updater is private, and all of one plan. */
final class UpdaterRules {
    private static final String REMEDY = "configure .updater(new DpAdam(1e-3, plan)), or new DpUpdater(updater, plan)";

    private final List<DpCompatibility.Problem> problems;
    private final List<DpUpdater> found = new ArrayList<>();
    private final List<String> others = new ArrayList<>();
    private @Nullable DpPlan plan;
    private String first = "";

    UpdaterRules(List<DpCompatibility.Problem> problems) {
        this.problems = problems;
    }

    List<DpUpdater> found() {
        return found;
    }

    /** Looks at the updaters of a layer with parameters. */
    void check(String where, NeuralNetConfiguration conf) {
        Layer layer = conf.getLayer();
        for (String parameter : layer.initializer().paramKeys(layer)) {
            IUpdater updater = layer.getUpdaterByParam(parameter);
            if (!(updater instanceof DpUpdater dp)) {
                others.add(where + " " + parameter + ": "
                        + (updater == null ? "none" : updater.getClass().getSimpleName()));
                continue;
            }
            found.add(dp);
            DpPlan known = plan;
            if (known == null) {
                plan = dp.plan();
                first = where;
            } else if (!known.equals(dp.plan())) {
                problems.add(new DpCompatibility.Problem(
                        where,
                        "its updater's plan differs from that of " + first,
                        "use one plan for all layers, as the guarantee is one for all parameters"));
            }
        }
    }

    /** To be called when all layers have been looked at. */
    void conclude() {
        if (others.isEmpty()) {
            if (found.isEmpty() && problems.isEmpty()) {
                problems.add(new DpCompatibility.Problem(
                        "network", "has no parameters to train", "leave at least one layer unfrozen"));
            }
            return;
        }
        problems.add(new DpCompatibility.Problem(
                "updater",
                found.isEmpty()
                        ? "no parameter has a private one (" + others.get(0) + ")"
                        : "not private: " + String.join(", ", others),
                REMEDY));
    }
}
