package io.pgnetty.demo;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The commands of psql that people type. */
enum Backslash {
    /** Ends the demo. */
    QUIT("\\q", "ends the demo, as exit, quit and Ctrl-D do"),
    /** What there is to type. */
    HELP("\\?", "this"),
    /** Tables and views, or the columns of one. */
    DESCRIBE("\\d", "tables and views; \\d+: and what they are for; \\d NAME: its columns"),
    /** Tables. */
    TABLES("\\dt", "tables; \\dt PATTERN, as net.*; \\dt+"),
    /** Views. */
    VIEWS("\\dv", "views; \\dv PATTERN; \\dv+"),
    /** Functions. */
    FUNCTIONS("\\df", "functions with their arguments; \\df PATTERN, as net.http*; \\df+"),
    /** One line for each column. */
    EXPANDED("\\x", "each column on a line of its own: on, off, or auto, where rows are wide"),
    /** How long statements take. */
    TIMING("\\timing", "shows how long each statement takes");

    private final String name;
    private final String help;

    Backslash(String name, String help) {
        this.name = name;
        this.help = help;
    }

    /**
     * One as it was typed.
     *
     * @param more whether a plus followed it
     */
    record Typed(Backslash command, boolean more, String argument) {}

    static boolean isOne(String text) {
        return text.strip().startsWith("\\");
    }

    /** Whether it is one of the words that need no backslash. */
    static boolean isWord(String text) {
        return wordOf(text).isPresent();
    }

    /** What was typed; empty if there is no such command. */
    static Optional<Typed> of(String text) {
        String line = text.strip().replaceFirst(";$", "");
        Optional<Backslash> word = wordOf(line);
        if (word.isPresent()) {
            return word.map(command -> new Typed(command, false, ""));
        }
        String[] parts = line.split("\\s+", 2);
        String typed = parts[0].replaceFirst("\\+$", "");
        for (Backslash command : values()) {
            if (command.name.equals(typed)) {
                return Optional.of(
                        new Typed(command, parts[0].endsWith("+"), parts.length > 1 ? parts[1].strip() : ""));
            }
        }
        return Optional.empty();
    }

    private static Optional<Backslash> wordOf(String text) {
        return switch (text.strip().replaceFirst(";$", "").toLowerCase(Locale.ROOT)) {
            case "exit", "quit" -> Optional.of(QUIT);
            case "help" -> Optional.of(HELP);
            default -> Optional.empty();
        };
    }

    static List<String> commands() {
        return List.of(values()).stream().map(command -> command.name).toList();
    }

    /** A line for each. */
    static List<String> help() {
        return List.of(values()).stream()
                .map(command -> String.format(Locale.ROOT, "  %-8s  %s", command.name, command.help))
                .toList();
    }
}
