package io.pgnetty.cli;

import io.pgnetty.config.NearMisses;
import io.pgnetty.config.OldNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/** What is wrong with arguments that no command knows. */
final class UnknownArguments {

    private UnknownArguments() {}

    /** One problem per argument. A value is not repeated: it may be a password that lost its option. */
    static List<String> problems(List<String> unknown, CommandSpec command) {
        List<String> problems = new ArrayList<>();
        boolean isValue = false;
        for (String argument : unknown) {
            if (argument.startsWith("-")) {
                String option = argument.replaceFirst("=.*", "");
                Optional<String> renamed = OldNames.ofOption(option);
                problems.add(renamed.map(name -> option + " is called " + name + " now")
                        .orElseGet(() -> "unknown option: " + option + meant(option, options(command))));
                // Else it is in the argument itself.
                isValue = option.equals(argument);
            } else if (!isValue || isCommand(argument, command)) {
                problems.add(NearMisses.nearest(argument, command.subcommands().keySet())
                        .map(name -> "unknown command; did you mean " + name + "?")
                        .orElse("unknown argument (it is not repeated here, as it may be a password)"));
            } else {
                isValue = false;
            }
        }
        return problems;
    }

    private static boolean isCommand(String argument, CommandSpec command) {
        return NearMisses.nearest(argument, command.subcommands().keySet()).isPresent();
    }

    private static List<String> options(CommandSpec command) {
        return command.options().stream().map(option -> option.longestName()).toList();
    }

    private static String meant(String typed, Collection<String> known) {
        return NearMisses.nearest(typed, known)
                .map(name -> "; did you mean " + name + "?")
                .orElse("");
    }
}
