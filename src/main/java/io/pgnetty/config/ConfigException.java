package io.pgnetty.config;

import java.util.List;

/** The configuration is wrong; every problem that was found, each a line that names its option. */
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    /** Takes the problems in the order in which they are shown. */
    public ConfigException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** The problems; never empty. */
    public List<String> problems() {
        return problems;
    }
}
