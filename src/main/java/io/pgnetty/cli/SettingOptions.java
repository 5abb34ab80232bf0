package io.pgnetty.cli;

import io.pgnetty.config.ConfigReader;
import io.pgnetty.config.Setting;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The settings as options of a command: all are texts here, and judged together by the {@link ConfigReader}. */
final class SettingOptions {

    private static final String CONFIG = "--config";

    private SettingOptions() {}

    static void add(CommandSpec spec, List<Setting> settings) {
        for (Setting setting : settings) {
            String text = setting.description().replace("%", "%%")
                    + setting.defaultText()
                            .map(value -> " Default: " + value + ".")
                            .orElse("");
            spec.addOption(OptionSpec.builder(setting.option())
                    .type(String.class)
                    .paramLabel(setting.placeholder())
                    .description(text)
                    .build());
        }
    }

    static void addConfigFile(CommandSpec spec) {
        spec.addOption(OptionSpec.builder(CONFIG)
                .type(Path.class)
                .paramLabel("FILE")
                .description(
                        "Lines of key=value; a key is an option without its dashes. The command line and the environment "
                                + "(PGNETTY_…) come before it.")
                .build());
    }

    static ConfigReader reader(ParseResult parsed, Map<String, String> env) {
        Map<Setting, String> given = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            if (parsed.hasMatchedOption(setting.option())) {
                given.put(setting, parsed.matchedOptionValue(setting.option(), ""));
            }
        }
        ConfigReader reader = new ConfigReader(given, env);
        if (parsed.commandSpec().findOption(CONFIG) != null && parsed.hasMatchedOption(CONFIG)) {
            reader.withFile(parsed.matchedOptionValue(CONFIG, Path.of("")));
        }
        return reader;
    }
}
