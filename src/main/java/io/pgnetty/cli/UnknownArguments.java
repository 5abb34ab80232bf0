package io.pgnetty.cli;

import io.pgnetty.config.OldNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is wrong with arguments that no command knows. */
final class UnknownArguments {

    private UnknownArguments() {}

    /** One problem per argument. A value is not repeated: it may be a password that lost its option. */
    static List<String> problems(List<String> unknown) {
        List<String> problems = new ArrayList<>();
        boolean isValue = false;
        for (String argument : unknown) {
            if (argument.startsWith("-")) {
                String option = argument.replaceFirst("=.*", "");
                Optional<String> renamed = OldNames.ofOption(option);
                problems.add(renamed.map(name -> option + " is called " + name + " now")
                        .orElse("unknown option: " + option));
                isValue = renamed.isPresent() && option.equals(argument);
            } else if (!isValue) {
                problems.add("unknown argument (it is not repeated here, as it may be a password)");
            } else {
                isValue = false;
            }
        }
        return problems;
    }
}
