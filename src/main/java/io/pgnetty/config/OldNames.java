package io.pgnetty.config;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Settings that had another name in an earlier version. The old name is an error that says the new one. */
public final class OldNames {

    private static final Map<String, Setting> BY_KEY = Map.of("slow-poll", Setting.FALLBACK_POLL);

    private OldNames() {}

    /** What an option is called now; empty if it never had that name. */
    public static Optional<String> ofOption(String option) {
        return option.startsWith("--")
                ? Optional.ofNullable(BY_KEY.get(option.substring(2))).map(Setting::option)
                : Optional.empty();
    }

    /** What a key of the configuration file is called now; empty if it never had that name. */
    static Optional<String> ofKey(String key) {
        return Optional.ofNullable(BY_KEY.get(key)).map(Setting::key);
    }

    /** The old environment variables, and what each is called now. */
    static Map<String, String> variables() {
        return BY_KEY.entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> Setting.variable(entry.getKey()),
                        entry -> entry.getValue().variable()));
    }
}
