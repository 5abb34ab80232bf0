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

    private static final Pattern NAMED = Pattern.compile("(\\w+) =>");

    private final Connection connection;

    Suggestions(Connection connection) {
        this.connection = connection;
    }

    /** For an error of PostgreSQL's, by its state and its text, which is English in the demo. */
    Optional<String> of(@Nullable String state, @Nullable String text) {
        boolean isFunction = "42883".equals(state);
        String message = text == null ? "" : text;
        Matcher missing = MISSING.matcher(message);
        if ((!isFunction && !"42P01".equals(state)) || !missing.find()) {
            return Optional.empty();
        }
        String typed = missing.group(1);
        return isFunction && names().anyMatch(typed::equals)
                ? Optional.of(argument(typed, message) + "\\df " + typed + " shows its arguments.")
                : nearest(typed).map(name -> "Did you mean " + name + "?");
    }

    /** What to say of a relation that is not there. */
    String missing(String typed) {
        return names().anyMatch(typed::equals)
                ? typed + " is none of these. If it is a function: \\df " + typed
                : "There is no " + typed + "."
                        + nearest(typed)
                                .map(name -> " Did you mean " + name + "?")
                                .orElse("");
    }

    private String argument(String function, String message) {
        List<String> known =
                Names.of(connection, Resources.with(Resources.sql("argument_names"), "function", function));
        return NAMED.matcher(message)
                .results()
                .map(argument -> argument.group(1))
                .filter(name -> !known.contains(name))
                .flatMap(name -> NearMisses.nearest(name, known).stream())
                .findFirst()
                .map(name -> "Did you mean " + name + "? ")
                .orElse("");
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
