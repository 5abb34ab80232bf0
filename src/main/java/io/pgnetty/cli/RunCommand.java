package io.pgnetty.cli;

import ch.qos.logback.classic.Level;
import io.pgnetty.config.Config;
import io.pgnetty.config.ConfigReader;
import io.pgnetty.observe.LogListener;
import io.pgnetty.service.Service;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the bridge until SIGTERM or Ctrl-C, which drain it. */
@Command(
        name = "run",
        description = "Runs the bridge: sends what SQL queues and writes the responses back.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        footer = {
            "",
            "Each option is also an environment variable: --drain-timeout is PGNETTY_DRAIN_TIMEOUT.",
            "SIGTERM drains: no new requests, those in flight finish, their responses are written."
        })
final class RunCommand implements Callable<Integer> {

    /** The last write-back, the release of leases and the closing of connections, beyond the requests in flight. */
    private static final Duration BEYOND_DRAIN = Duration.ofSeconds(18);

    @Spec
    CommandSpec spec;

    @Option(names = "--verbose", description = "Also logs each request that was answered.")
    boolean verbose;

    @Override
    public Integer call() throws InterruptedException {
        var parsed = spec.commandLine().getParseResult();
        ConfigReader reader = SettingOptions.reader(parsed, System.getenv());
        parsed.unmatched()
                .forEach(unknown -> reader.problem("unknown option or argument: " + Cli.withoutSecrets(unknown)));
        Config config = reader.read(Terminal.interactive());
        Logging.configure(config.logFormat(), verbose ? Level.DEBUG : Level.INFO);

        Service service = Service.start(
                        config,
                        new Service.Setup(
                                hostName(), Version.current(), List.of(new LogListener()), UnaryOperator.identity()))
                .blockOptional()
                .orElseThrow();
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> drain(service, config, ended), "drain"));
        ended.await();
        return 0;
    }

    private static void drain(Service service, Config config, CountDownLatch ended) {
        int code = 1;
        try {
            service.stop().block(config.delivery().drainTimeout().plus(BEYOND_DRAIN));
            code = 0;
        } finally {
            ended.countDown();
            // A signal would end the JVM with 143: a drain that succeeded is no failure.
            Runtime.getRuntime().halt(code);
        }
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
