package io.pgnetty.junit;

import io.pgnetty.config.ConfigReader;
import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.config.ProgramVersion;
import io.pgnetty.config.Setting;
import io.pgnetty.observe.LogListener;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.Schema;
import io.pgnetty.service.Service;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

/**
 * What runs while tests do.
 *
 * @param url as it was given
 */
record Running(String url, DatabaseUrl database, Service service, RecordingTarget target) {

    private static final Duration STOP = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final int PAUSES = 1000;

    /** Installs schema net, and starts a bridge. */
    static Running start(String url, boolean embedded, Map<Setting, String> settings, List<String> grantees) {
        DatabaseUrl database = parse(url);
        if (embedded) {
            EmbeddedDatabases.makeRoles(grantees);
        }
        install(database, grantees);
        Map<Setting, String> all = new EnumMap<>(Map.of(
                Setting.ADMIN, "127.0.0.1:0", Setting.EGRESS_ALLOW, "127.0.0.0/8,::1", Setting.DRAIN_TIMEOUT, "1s"));
        all.putAll(settings);
        all.put(Setting.URL, url);
        RecordingTarget target = new RecordingTarget();
        try {
            new Housekeeping(database).spare(target.host());
            return new Running(url, database, service(all), target);
        } catch (RuntimeException e) {
            target.close();
            throw e;
        }
    }

    private static void install(DatabaseUrl database, List<String> grantees) {
        try {
            Schema.run(database, Schema.installScript(new Schema.Options(grantees, Optional.empty(), Optional.empty())))
                    .block();
        } catch (RuntimeException e) {
            // Without the stack of whoever waited: it says nothing, at length.
            throw new IllegalStateException(
                    "the database cannot be used: " + DatabaseFailure.reason(Exceptions.unwrap(e)), root(e));
        }
    }

    private static Throwable root(Throwable error) {
        return error.getCause() == null ? error : root(error.getCause());
    }

    private static DatabaseUrl parse(String url) {
        try {
            return DatabaseUrl.parse(url, Map.of());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the URL of the database " + e.getMessage(), e);
        }
    }

    private static Service service(Map<Setting, String> settings) {
        return Service.start(
                        new ConfigReader(settings, Map.of()).read(false),
                        new Service.Setup(
                                "junit",
                                ProgramVersion.current(),
                                List.of(new LogListener()),
                                UnaryOperator.identity()))
                .blockOptional()
                .orElseThrow();
    }

    Requests requests() {
        return new Requests(database);
    }

    /**
     * Before each test.
     *
     * @param clear whether what is in the database is the tests' alone, and is dropped
     */
    void begin(boolean clear) {
        if (clear) {
            Housekeeping housekeeping = new Housekeeping(database);
            housekeeping.clearQueue();
            target.hurry();
            awaitIdle();
            housekeeping.clearRest();
        }
        target.reset();
    }

    /** What was on its way when its row was dropped has arrived by then, and counts as the test's before. */
    private void awaitIdle() {
        Mono.fromSupplier(() -> service.bridge().inFlight() + service.bridge().unrecorded())
                .filter(open -> open == 0)
                .repeatWhenEmpty(times -> times.take(PAUSES).delayElements(PAUSE))
                .switchIfEmpty(
                        Mono.error(new IllegalStateException("requests of the test before are still being sent after "
                                + PAUSE.multipliedBy(PAUSES).toSeconds()
                                + " s: a server other than target() does not answer")))
                .block();
    }

    void stop() {
        try {
            service.stop().block(STOP);
            new Housekeeping(database).forget(target.host());
        } finally {
            target.close();
        }
    }

    String jdbcUrl() {
        return JdbcUrl.of(database);
    }
}
