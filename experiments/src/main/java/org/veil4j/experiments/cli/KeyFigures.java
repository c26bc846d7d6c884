package org.veil4j.experiments.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.veil4j.experiments.report.RunRecord;
import org.veil4j.experiments.report.Table;
import org.veil4j.he.rlwe.KeyRequest;

/** Evaluation keys by the highest level at which they can be used, highest first. */
final class KeyFigures {
    private KeyFigures() {}

    /** What reaches a level: steps of rotations, and others by name. */
    private static final class Group {
        private final List<String> others = new ArrayList<>();
        private final List<Integer> rotations = new ArrayList<>();

        @Override
        public String toString() {
            List<String> parts = new ArrayList<>(others);
            if (!rotations.isEmpty()) {
                parts.add(rotations.size() + (rotations.size() == 1 ? " rotation" : " rotations"));
            }
            return String.join(", ", parts);
        }
    }

    private static SortedMap<Integer, Group> groups(KeyRequest keys) {
        SortedMap<Integer, Group> groups = new TreeMap<>(Comparator.reverseOrder());
        if (keys.relinearization()) {
            group(groups, keys.relinearizationLevel()).others.add("relinearisation");
        }
        if (keys.conjugation()) {
            group(groups, keys.conjugationLevel()).others.add("conjugation");
        }
        keys.rotations()
                .forEach((steps, level) -> group(groups, level).rotations.add(steps));
        return groups;
    }

    private static Group group(SortedMap<Integer, Group> groups, int level) {
        return groups.computeIfAbsent(level, l -> new Group());
    }

    /** A row a level. */
    static void rows(KeyRequest keys, Table table) {
        SortedMap<Integer, Group> groups = groups(keys);
        groups.forEach((level, group) -> table.row("keys up to level " + level, group.toString()));
        if (groups.isEmpty()) {
            table.row("keys", "none");
        }
    }

    /** An entry a level, with the steps of its rotations. */
    static void put(KeyRequest keys, RunRecord run) {
        List<Map<String, Object>> levels = new ArrayList<>();
        groups(keys).forEach((level, group) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("level", level);
            entry.put("relinearization", group.others.contains("relinearisation"));
            entry.put("conjugation", group.others.contains("conjugation"));
            entry.put("rotations", group.rotations);
            levels.add(entry);
        });
        run.put("keysByLevel", levels);
    }
}
