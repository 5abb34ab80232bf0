package io.pgnetty.demo;

import io.pgnetty.config.NearMisses;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a name that is not there was probably meant to be. */
final class Suggestions {

    private static final Pattern MISSING = Pattern.compile("(?:function|relation) \"?([^\"( ]+)");

    private final Connection connection;

    Suggestions(Connection connection) {
        this.connection = connection;
    }

    /** For an error of PostgreSQL's, by its state and its text, which is English in the demo. */
    Optional<String> of(@Nullable String state, @Nullable String message) {
        boolean isFunction = "42883".equals(state);
        Matcher missing = MISSING.matcher(message == null ? "" : message);
        if ((!isFunction && !"42P01".equals(state)) || !missing.find()) {
            return Optional.empty();
        }
        String typed = missing.group(1);
        return isFunction && names().anyMatch(typed::equals)
                ? Optional.of("\\df " + typed + " shows its arguments.")
                : nearest(typed).map(name -> "Did you mean " + name + "?");
    }

    /** The name that is nearest; also where the schema is missing. */
    Optional<String> nearest(String typed) {
        List<String> known = names().toList();
        Optional<String> whole = NearMisses.nearest(typed, known);
        return whole.isPresent() || typed.contains(".") ? whole : NearMisses.nearest("net." + typed, known);
    }

    /** None where the connection gives none, as in a transaction that has failed. */
    private Stream<String> names() {
        return Names.of(connection, Resources.sql("names")).stream().map(name -> name.replace("(", ""));
    }
}
