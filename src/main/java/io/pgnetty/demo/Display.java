package io.pgnetty.demo;

import java.util.Locale;

/** How results are shown, as the person says. */
final class Display {

    /** Which rows have a line for each column. */
    private enum Expanded {
        ON,
        OFF,
        AUTO
    }

    private Expanded expanded = Expanded.AUTO;
    private boolean timing;

    /** Takes on, off or auto; without one, changes to and fro. */
    String expand(String argument) {
        Expanded wanted = switch (argument.toLowerCase(Locale.ROOT)) {
            case "on" -> Expanded.ON;
            case "off" -> Expanded.OFF;
            case "auto" -> Expanded.AUTO;
            case "" -> expanded == Expanded.ON ? Expanded.OFF : Expanded.ON;
            default -> null;
        };
        if (wanted == null) {
            return "\\x takes on, off or auto, not \"" + argument + "\"";
        }
        expanded = wanted;
        return "Expanded display is "
                + (expanded == Expanded.AUTO ? "used automatically." : word(expanded == Expanded.ON));
    }

    String time(String argument) {
        Boolean wanted = switch (argument.toLowerCase(Locale.ROOT)) {
            case "on" -> true;
            case "off" -> false;
            case "" -> !timing;
            default -> null;
        };
        if (wanted == null) {
            return "\\timing takes on or off, not \"" + argument + "\"";
        }
        timing = wanted;
        return "Timing is " + word(timing);
    }

    private static String word(boolean on) {
        return on ? "on." : "off.";
    }

    boolean timing() {
        return timing;
    }

    /** Whether rows of that width have a line for each column. */
    boolean expands(int rowWidth, int width) {
        return expanded == Expanded.ON || (expanded == Expanded.AUTO && rowWidth > width);
    }
}
