package io.pgnetty.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** What it promises to tests of applications: also to the next one, and to those whose request does not go as wished. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PgnettyExtensionTest {

    private static final Duration SHORT = Duration.ofMillis(300);

    @RegisterExtension
    static final PgnettyExtension PGNETTY = PgnettyExtension.embedded();

    private static Instant ended = Instant.EPOCH;

    private static TestDatabase database() {
        return new TestDatabase(DatabaseUrl.parse(PGNETTY.url(), Map.of()));
    }

    private static long get(String path, String options) {
        return Long.parseLong(
                database().one("select net.http_get('" + PGNETTY.target().url(path) + "'" + options + ")"));
    }

    @Test
    void eachResultIsThatOfItsRequest() {
        PGNETTY.target()
                .answer(
                        "/echo",
                        request -> Answer.of(201, "for " + request.path())
                                .withHeader("X-Path", request.path())
                                .withHeader("Content-Type", "text/plain"));
        List<Long> ids =
                IntStream.range(0, 50).mapToObj(i -> get("/echo?i=" + i, "")).toList();
        for (int i = 0; i < ids.size(); i++) {
            RequestResult result = PGNETTY.await(ids.get(i));
            assertThat(result.succeeded()).isTrue();
            assertThat(result.statusCode()).contains(201);
            assertThat(result.body()).contains("for /echo?i=" + i);
            assertThat(result.headers()).containsEntry("x-path", "/echo?i=" + i);
            assertThat(result.attempts()).isEqualTo(1);
        }
        assertThat(PGNETTY.target().received())
                .extracting(Received::path)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 50).mapToObj(i -> "/echo?i=" + i).toList());
    }

    @Test
    void answersComeInTurnAndBytesAsBytes() {
        PGNETTY.target().answer("/turns", Answer.of(503), Answer.of(200, "at last"));
        RequestResult result = PGNETTY.await(get("/turns", ", max_attempts => 3"), Duration.ofSeconds(20));
        assertThat(result.body()).contains("at last");
        assertThat(result.attempts()).isEqualTo(2);
        assertThat(PGNETTY.target().received()).hasSize(2);
    }

    @Test
    void whatFailsSaysWhy() {
        PGNETTY.target().answer("/slow", Answer.of(200).after(Duration.ofSeconds(1)));
        long slow = get("/slow", ", max_attempts => 1, timeout_milliseconds => 100");
        assertThat(PGNETTY.await(slow).error().orElseThrow()).contains("100 ms");
        PGNETTY.target().answer("/never", Answer.of(500));
        long never = get("/never", ", max_attempts => 9, headers => '{\"X\": \"1\"}'");
        assertThatThrownBy(() -> PGNETTY.await(never, SHORT))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(
                        "request " + never + " (GET " + PGNETTY.target().url("/never") + ") is still ")
                .hasMessageContaining(" of 9");
        assertThatThrownBy(() -> PGNETTY.awaitAll(SHORT))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("request " + never + " (GET ");
        assertThatThrownBy(() -> PGNETTY.await(never + 1, SHORT)).hasMessageContaining("committed");
        assertThatThrownBy(() -> {
                    PGNETTY.target().reset();
                    PGNETTY.target().take(Duration.ofMillis(1));
                })
                .hasMessageContaining("no request arrived within 0.001 s");
        assertThatThrownBy(() -> Answer.of(99)).hasMessageContaining("200 to 599");
    }

    @Test
    void saysWhatARequestWaitsFor() {
        database().run("select net.pause('127.0.0.1')");
        long paused = get("/paused", "");
        assertThatThrownBy(() -> PGNETTY.await(paused, SHORT))
                .hasMessageContaining("is still blocked")
                .hasMessageEndingWith("; it waits for net.resume('127.0.0.1'), as its host is paused");
        assertThatThrownBy(() -> PGNETTY.awaitAll(SHORT))
                .hasMessageEndingWith(" is blocked, waits for net.resume('127.0.0.1'), as its host is paused");
        database().run("select net.resume('127.0.0.1')");
        long later = get("/later", ", not_before => now() + interval '1 hour'");
        assertThatThrownBy(() -> PGNETTY.await(later, SHORT))
                .hasMessageContaining("is still scheduled")
                .hasMessageEndingWith("; it waits for "
                        + database().one("select not_before::text from net.requests where id = " + later));
    }

    @Test
    void pathsAreAppendedToTheTargetsUrl() {
        String base = PGNETTY.target().url("");
        assertThat(PGNETTY.target().url("/a")).isEqualTo(base + "/a");
        assertThat(PGNETTY.target().url("a")).isEqualTo(base + "/a");
    }

    /** Else it would wait for it, and the build would hang. */
    @Test
    void saysThatATransactionWasLeftOpen() throws SQLException {
        get("/later", ", not_before => now() + interval '1 hour'");
        try (Connection connection = PGNETTY.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("select from net.http_request_queue for update");
            Housekeeping housekeeping = new Housekeeping(DatabaseUrl.parse(PGNETTY.url(), Map.of()));
            assertThatThrownBy(housekeeping::clearQueue)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("a transaction that is still open")
                    .hasMessageContaining("idle in transaction for ")
                    .hasMessageContaining("select from net.http_request_queue for update");
        }
    }

    @Test
    void waitsForAllButWhatIsToComeLater() {
        get("/one", "");
        get("/two", "");
        get("/later", ", not_before => now() + interval '1 hour'");
        PGNETTY.awaitAll();
        assertThat(PGNETTY.target().received()).extracting(Received::path).containsExactlyInAnyOrder("/one", "/two");
    }

    @Order(1)
    @Test
    void leavesAMessBehind() {
        PGNETTY.target().answer("/", Answer.of(500));
        for (int i = 0; i < 20; i++) {
            get("/", ", max_attempts => 9");
        }
        PGNETTY.target().answer("/null", request -> null);
        assertThat(PGNETTY.await(get("/null", ", max_attempts => 1")).body())
                .contains("the test's function has returned null");
        PGNETTY.target().answer("/late", Answer.of(200).after(Duration.ofMinutes(1)));
        get("/late", ", timeout_milliseconds => 60000");
        PGNETTY.target().answer("/throws", request -> {
            throw new IllegalStateException("in " + request.path());
        });
        assertThat(PGNETTY.await(get("/throws", ", max_attempts => 1")).body().orElseThrow())
                .contains("IllegalStateException: in /throws");
        // Enough failures of one host, and it would be given a rest.
        while (!PGNETTY.target().take().path().equals("/late")) {}
        database().run("select net.pause('127.0.0.1')");
        ended = Instant.now();
    }

    @Order(2)
    @Test
    void findsNoneOfIt() {
        assertThat(ended).isAfter(Instant.now().minusSeconds(5));
        long id = get("/", "");
        assertThat(PGNETTY.await(id).statusCode()).contains(200);
        assertThat(PGNETTY.target().received()).hasSize(1);
        assertThat(database().one("select count(*) from net.requests")).isEqualTo("1");
    }

    @Nested
    class Within {
        @Test
        void isTheSame() {
            assertThat(PGNETTY.await(get("/nested", "")).succeeded()).isTrue();
        }
    }

    @Test
    void tellsWhatIsWrongWithAnOption() {
        assertThatThrownBy(() -> PgnettyExtension.embedded().url())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("@RegisterExtension");
        // In a static field, what is thrown at once would be an error of the class.
        assertThat(run(Mistyped.class).getFailures())
                .extracting(failure -> failure.getException().getMessage())
                .containsExactly("pgnetty run has no option --concurency; did you mean --concurrency?");
        assertThatThrownBy(() -> Options.of(Map.of("url", () -> "postgresql://x@127.0.0.1:1/x")))
                .hasMessageContaining("at(url)");
    }

    static class Mistyped {
        @RegisterExtension
        static final PgnettyExtension pgnetty = PgnettyExtension.embedded().with("concurency", "1");

        @Test
        void one() {}
    }

    @Test
    void worksAtADatabaseThatIsThereAndKeepsWhatIsInIt() {
        TestDatabase there = TestPostgres.shared().empty();
        there.run("do $$ begin create role junit_caller login password 'junit_caller';"
                + " exception when duplicate_object then null; end $$");
        There.url = there.text();
        TestExecutionSummary summary = run(There.class);
        assertThat(summary.getFailures()).isEmpty();
        assertThat(summary.getTestsSucceededCount()).isEqualTo(2);
        // The rule that spares the target went with it.
        assertThat(there.rows("select from net.host_rule where host_pattern like '127%'"))
                .isEmpty();
        assertThat(there.rows("select queued_by, status_code from net._http_response"))
                .containsExactly(List.of("junit_caller", "200"), List.of("junit_caller", "200"));
    }

    private static TestExecutionSummary run(Class<?> tests) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(tests))
                                .build(),
                        listener);
        return listener.getSummary();
    }

    /** JUnit tells each extension that a test is over, also those that it never told of its beginning. */
    @Test
    void anotherExtensionThatFailsStopsNothing() {
        TestExecutionSummary summary = run(BesideAnother.class);
        assertThat(summary.getTestsSucceededCount()).isEqualTo(1);
        assertThat(summary.getFailures())
                .extracting(failure -> failure.getException().getMessage())
                .containsExactly("the first time");
    }

    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static class BesideAnother {
        private static final AtomicInteger TIMES = new AtomicInteger();
        private static String before = "";

        @Order(1)
        @RegisterExtension
        static final BeforeEachCallback FAILS = context -> {
            if (TIMES.getAndIncrement() == 0) {
                throw new IllegalStateException("the first time");
            }
        };

        @Order(2)
        @RegisterExtension
        static final PgnettyExtension pgnetty = PgnettyExtension.embedded().grant("made_for_it");

        @BeforeAll
        static void remember() {
            before = pgnetty.url();
        }

        @Order(1)
        @Test
        void fails() {}

        @Order(2)
        @Test
        void goesOn() {
            assertThat(pgnetty.url()).isEqualTo(before);
            TestDatabase role =
                    new TestDatabase(DatabaseUrl.parse(before, Map.of()).withLogin("made_for_it", "x"));
            long id = Long.parseLong(
                    role.one("select net.http_get('" + pgnetty.target().url("x") + "')"));
            assertThat(pgnetty.await(id).url()).endsWith("/x");
        }
    }

    /** Run by a test above: one server for each test, as its field is not static. */
    static class There {
        static String url = "";

        @RegisterExtension
        final PgnettyExtension pgnetty = PgnettyExtension.at(() -> url)
                .grant("junit_caller")
                .with("concurrency", "3")
                .with("drain-timeout", () -> "2s");

        @Test
        void one() {
            asCaller();
        }

        @Test
        void two() {
            asCaller();
        }

        private void asCaller() {
            TestDatabase caller =
                    new TestDatabase(DatabaseUrl.parse(url, Map.of()).withLogin("junit_caller", "junit_caller"));
            long id = Long.parseLong(
                    caller.one("select net.http_get('" + pgnetty.target().url("/x") + "')"));
            assertThat(pgnetty.await(id).succeeded()).isTrue();
            assertThat(pgnetty.target().received()).hasSize(1);
        }
    }

    @Test
    void tellsThatAUrlIsJavas() {
        There.url = "jdbc:postgresql://127.0.0.1:1/none";
        assertThat(run(There.class).getFailures())
                .hasSize(2)
                .allSatisfy(failure -> assertThat(failure.getException())
                        .hasMessage("the URL of the database is a Java URL: leave out \"jdbc:\""));
    }

    @Test
    void failsATestWhoseDatabaseIsNotThereAndStopsQuietly() {
        There.url = "postgresql://nobody:wrong@127.0.0.1:1/none?connect_timeout=1";
        TestExecutionSummary summary = run(There.class);
        assertThat(summary.getTestsFailedCount()).isEqualTo(2);
        assertThat(summary.getFailures())
                .allSatisfy(failure -> assertThat(failure.getException())
                        .hasMessage("the database cannot be used: 127.0.0.1:1/none: connection refused")
                        .hasNoSuppressedExceptions());
    }
}
