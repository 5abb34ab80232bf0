package io.pgnetty.demo;

import io.pgnetty.cli.Version;
import io.pgnetty.config.Config;
import io.pgnetty.config.ConfigReader;
import io.pgnetty.config.Setting;
import io.pgnetty.observe.LogListener;
import io.pgnetty.postgres.Schema;
import io.pgnetty.service.Service;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The demo's bridge, which may send to this machine. */
final class DemoBridge {

    private DemoBridge() {}

    /** Installs schema net. */
    static void install(DemoPostgres postgres) {
        Schema.run(
                        postgres.url(),
                        Schema.installScript(new Schema.Options(List.of(), Optional.empty(), Optional.empty())))
                .block();
    }

    /**
     * Runs a bridge.
     *
     * @param admin the port of its page
     * @param token the file with the page's token
     */
    static Service start(DemoPostgres postgres, int admin, Path token) {
        Service.Setup setup =
                new Service.Setup("demo", Version.current(), List.of(new LogListener()), UnaryOperator.identity());
        return Service.start(config(postgres.text(), admin, token), setup)
                .blockOptional()
                .orElseThrow();
    }

    private static Config config(String url, int admin, Path token) {
        Map<Setting, String> settings = Map.of(
                Setting.URL,
                url,
                Setting.ADMIN,
                "127.0.0.1:" + admin,
                Setting.ADMIN_TOKEN_FILE,
                token.toString(),
                Setting.EGRESS_ALLOW,
                "127.0.0.0/8,::1",
                Setting.DRAIN_TIMEOUT,
                "5s",
                Setting.LOG_FORMAT,
                "text");
        return new ConfigReader(settings, Map.of()).read(true);
    }
}
