package io.pgnetty.config;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Names that are nearly one of ours. Of environment variables, others may begin like ours as well, such as those that Kubernetes adds for a
 * service of that name.
 */
public final class NearMisses {

    private static final int MOST_EDITS = 2;

    private static final List<String> KNOWN =
            Arrays.stream(Setting.values()).map(Setting::variable).toList();

    private NearMisses() {}

    /** A warning for each. */
    static List<String> among(Collection<String> variables) {
        return variables.stream()
                .filter(name ->
                        name.startsWith("PGNETTY_") && !name.startsWith("PGNETTY_SECRET_") && !KNOWN.contains(name))
                .sorted()
                .flatMap(
                        name -> nearest(name)
                                .map(variable -> name + " is not a setting and is ignored: " + variable + " is one")
                                .stream())
                .toList();
    }

    private static Optional<String> nearest(String name) {
        return nearest(name, KNOWN);
    }

    /** The known name that most probably was meant, if one is as near as a slip or two. */
    public static Optional<String> nearest(String name, Collection<String> known) {
        return known.stream()
                .filter(other -> edits(name, other) <= MOST_EDITS)
                .min(Comparator.comparing(other -> edits(name, other)));
    }

    /** Characters to insert, delete or replace (Levenshtein distance). */
    private static int edits(String from, String to) {
        int[] row = new int[to.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
