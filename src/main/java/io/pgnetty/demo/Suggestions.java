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
        Known known = known();
        String typed = missing.group(1);
        if (isFunction) {
            // One that was found, but for its arguments: without its schema those of net are not.
            Optional<String> function = exact(typed, known.functions()).filter(name -> !name.equals("net." + typed));
            return function.isPresent()
                    ? function.map(name -> argument(name, message) + "\\df " + name + " shows its arguments.")
                    : otherKind(typed, known.relations(), "\\d").or(() -> meant(typed, known.functions()));
        }
        return otherKind(typed, known.functions(), "\\df").or(() -> meant(typed, known.relations()));
    }

    /** What to say where {@code \df} finds nothing. */
    String noFunction(String typed) {
        Known known = known();
        return nothing(typed, otherKind(typed, known.relations(), "\\d").or(() -> meant(typed, known.functions())));
    }

    /** What to say where {@code \d}, or one of its kind, finds nothing. */
    String noRelation(String typed) {
        Known known = known();
        return nothing(
                typed,
                otherKind(typed, known.relations(), "\\d")
                        .or(() -> otherKind(typed, known.functions(), "\\df"))
                        .or(() -> meant(typed, known.relations())));
    }

    private static String nothing(String typed, Optional<String> hint) {
        return "There is no " + typed + " of this kind."
                + hint.map(text -> " " + text).orElse("");
    }

    private static Optional<String> otherKind(String typed, List<String> names, String command) {
        return exact(typed, names).map(name -> command + " " + name + " shows what it is.");
    }

    private static Optional<String> meant(String typed, List<String> names) {
        return spellings(typed)
                .flatMap(name -> NearMisses.nearest(name, names).stream())
                .findFirst()
                .map(name -> "Did you mean " + name + "?");
    }

    private static Optional<String> exact(String typed, List<String> names) {
        return spellings(typed).filter(names::contains).findFirst();
    }

    /** With the schemas that may have been left out. */
    private static Stream<String> spellings(String typed) {
        return typed.contains(".") ? Stream.of(typed) : Stream.of(typed, "public." + typed, "net." + typed);
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

    private record Known(List<String> functions, List<String> relations) {}

    /** Nothing where the connection gives nothing, as in a transaction that has failed. */
    private Known known() {
        List<String> names = Names.of(connection, Resources.sql("names"));
        return new Known(
                names.stream()
                        .filter(name -> name.endsWith("("))
                        .map(name -> name.replace("(", ""))
                        .toList(),
                names.stream().filter(name -> !name.endsWith("(")).toList());
    }
}
