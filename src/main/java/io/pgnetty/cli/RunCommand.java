package io.pgnetty.cli;

import ch.qos.logback.classic.Level;
import io.pgnetty.config.Config;
import io.pgnetty.config.ConfigReader;
import io.pgnetty.config.LogFormat;
import io.pgnetty.observe.EventQueue;
import io.pgnetty.observe.LogListener;
import io.pgnetty.service.Service;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
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
            "Each option but --config and --verbose is also an environment variable: --drain-timeout is PGNETTY_DRAIN_TIMEOUT.",
            "SIGTERM drains the bridge: it claims no more requests, finishes those in flight, and records their results.",
            "",
            "Example:",
            "  pgnetty run --url postgresql://bridge@db.example.com/shop --secrets-dir /run/secrets/pgnetty"
        })
final class RunCommand implements Callable<Integer> {

    /** The last write-back, the release of leases and the closing of connections, beyond the requests in flight. */
    private static final Duration BEYOND_DRAIN = Duration.ofSeconds(18);

    @Spec
    CommandSpec spec;

    /** Whether the start has failed, so that the process ends with the failure's own exit code. */
    private final AtomicBoolean failed = new AtomicBoolean();

    @Option(
            names = "--verbose",
            description = "Also logs each request that succeeded; all other outcomes are always logged.")
    boolean verbose;

    @Override
    public Integer call() throws InterruptedException {
        var parsed = spec.commandLine().getParseResult();
        ConfigReader reader = SettingOptions.reader(parsed, System.getenv());
        UnknownArguments.problems(parsed.unmatched(), spec).forEach(reader::problem);
        Config config = reader.read(Terminal.interactive());
        reader.warnings().forEach(warning -> spec.commandLine().getErr().println("pgnetty: warning: " + warning));
        Logging.configure(config.logFormat(), verbose ? Level.DEBUG : Level.INFO);

        try (EventQueue log = new EventQueue(new LogListener())) {
            return run(config, log);
        }
    }

    private int run(Config config, EventQueue log) throws InterruptedException {
        AtomicReference<Service> running = new AtomicReference<>();
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(running.get(), config, log, ended), "stop"));
        Optional<Service> started = start(config, log);
        if (started.isEmpty()) {
            return 1;
        }
        Service service = started.get();
        running.set(service);
        AtomicBoolean outdated = new AtomicBoolean();
        service.outdated()
                .doOnTerminate(() -> {
                    outdated.set(true);
                    ended.countDown();
                })
                .subscribe();
        ended.await();
        if (!outdated.get()) {
            return 0;
        }
        service.stop().block(config.delivery().drainTimeout().plus(BEYOND_DRAIN));
        // The person or program that started it finds out why.
        failed.set(true);
        return 1;
    }

    /** Empty where it fails and that is said: where logs are JSON each line is, the last one as well. */
    private Optional<Service> start(Config config, EventQueue log) {
        var setup = new Service.Setup(name(), Version.current(), List.of(log), UnaryOperator.identity());
        try {
            return Service.start(config, setup)
                    .doOnError(error -> failed.set(true))
                    .blockOptional();
        } catch (RuntimeException e) {
            if (config.logFormat() == LogFormat.TEXT) {
                throw e;
            }
            log.close();
            LoggerFactory.getLogger("pgnetty").error("the start has failed: {}", Failure.line(e));
            return Optional.empty();
        }
    }

    /** A signal would end the JVM with 143: a drain that succeeded, or had nothing to do yet, is no failure. */
    private void stop(@Nullable Service service, Config config, EventQueue log, CountDownLatch ended) {
        if (failed.get()) {
            return;
        }
        int code = 1;
        try {
            if (service != null) {
                service.stop().block(config.delivery().drainTimeout().plus(BEYOND_DRAIN));
            }
            code = 0;
        } finally {
            log.close();
            ended.countDown();
            Runtime.getRuntime().halt(code);
        }
    }

    /** What people call this bridge: its host, and its process, as a host may have several. */
    private static String name() {
        return hostName() + ":" + ProcessHandle.current().pid();
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
