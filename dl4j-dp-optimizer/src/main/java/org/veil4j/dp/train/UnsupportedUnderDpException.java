package org.veil4j.dp.train;

import java.util.List;
import java.util.stream.Collectors;

/** A network cannot be trained privately. Lists everything that stands in the way, each with a replacement. */
public final class UnsupportedUnderDpException extends IllegalArgumentException {
    private final transient List<DpCompatibility.Problem> problems;

    UnsupportedUnderDpException(List<DpCompatibility.Problem> problems) {
        super(problems.stream()
                .map(DpCompatibility.Problem::toString)
                .collect(Collectors.joining("\n  ", "network: cannot be trained with differential privacy\n  ", "")));
        this.problems = List.copyOf(problems);
    }

    /** All problems, in the network's order; at least one. */
    public List<DpCompatibility.Problem> problems() {
        return problems;
    }
}
