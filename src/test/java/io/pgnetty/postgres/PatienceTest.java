package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Logins that take too long leave nothing behind. */
class PatienceTest {

    private final TestDatabase database = TestPostgres.shared().empty();
    private final AtomicInteger made = new AtomicInteger();

    @Test
    void oneThatComesTooLateIsClosed() {
        StepVerifier.create(Patience.with(
                        slow(Duration.ofMillis(300)), Duration.ofMillis(50), () -> new ConnectFailure("too late")))
                .expectErrorMessage("too late")
                .verify(Duration.ofSeconds(10));
        awaitClosed();
    }

    @Test
    void oneThatNobodyWaitsForAnyMoreIsClosed() {
        Disposable waiting = Patience.with(
                        slow(Duration.ofMillis(300)), Duration.ofSeconds(10), () -> new ConnectFailure("too late"))
                .subscribe();
        waiting.dispose();
        awaitClosed();
    }

    @Test
    void oneInTimeStays() {
        var connection = Patience.with(
                        slow(Duration.ZERO), Duration.ofSeconds(10), () -> new ConnectFailure("too late"))
                .blockOptional()
                .orElseThrow();
        assertThat(sessions()).isEqualTo("1");
        connection.close().block();
        awaitClosed();
    }

    private Mono<io.r2dbc.postgresql.api.PostgresqlConnection> slow(Duration delay) {
        Connector connector =
                Connections.direct(DatabaseUrl.parse(database.text() + "?application_name=patience", Map.of()));
        return Mono.delay(delay).then(connector.create()).doOnNext(connection -> made.incrementAndGet());
    }

    private void awaitClosed() {
        Awaitility.await().until(() -> made.get() == 1 && sessions().equals("0"));
    }

    private String sessions() {
        return database.one("select count(*) from pg_stat_activity where application_name = 'patience'");
    }
}
