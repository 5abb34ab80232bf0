package io.pgnetty.junit;

import io.pgnetty.config.NearMisses;
import io.pgnetty.config.Setting;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Options of {@code pgnetty run} by their names. */
final class Options {

    private Options() {}

    /**
     * Their values, asked for now.
     *
     * @throws IllegalArgumentException if there is no option of that name, or it is the extension's own
     */
    static Map<Setting, String> of(Map<String, Supplier<String>> named) {
        Map<Setting, String> settings = new EnumMap<>(Setting.class);
        named.forEach((key, value) -> settings.put(setting(key), value.get()));
        return settings;
    }

    private static Setting setting(String key) {
        Setting setting = Setting.ofKey(key).orElseThrow(() -> unknown(key));
        if (setting == Setting.URL || setting == Setting.ADMIN) {
            throw new IllegalArgumentException(
                    "--" + key + " is the extension's own: the database is that of embedded() or at(url)");
        }
        return setting;
    }

    private static IllegalArgumentException unknown(String key) {
        List<String> known = Arrays.stream(Setting.values()).map(Setting::key).toList();
        return new IllegalArgumentException("pgnetty run has no option --" + key
                + NearMisses.nearest(key, known)
                        .map(near -> "; did you mean --" + near + "?")
                        .orElse(""));
    }
}
