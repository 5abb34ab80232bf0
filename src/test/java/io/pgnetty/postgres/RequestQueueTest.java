package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.request.Completed;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.QueuedRequest;
import io.pgnetty.request.Verdict;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What single statements of the protocol promise. */
class RequestQueueTest {

    private static final Outcome REFUSED = new Outcome.Failed(FailureKind.CONNECT, "refused");

    private final TestDatabase database = TestPostgres.shared().installed();
    private final Database connections = new Database(database.url(), false);
    private final BridgeStatements statements = BridgeStatements.of(
            connections, new BridgeId(UUID.randomUUID(), "one", "0"), TestBridge.config(database, Map.of()), "UTF8");
    private final RequestQueue queue = statements.requests();
    private final DueRequests due = statements.due();
    private final HostStatements hosts = statements.hosts();

    @AfterEach
    void close() {
        connections.close().block();
    }

    @Test
    void theHistoryOfARequestIsBounded() {
        database.run("select net.http_request('GET', 'http://h/', max_attempts := 1000)");
        for (int i = 0; i < 130; i++) {
            complete(claimOne(), new Verdict.Retry(Duration.ZERO));
            makeDue();
        }
        assertThat(database.rows("select count(*), min(attempt), max(attempt) from net.attempts"))
                .containsExactly(List.of("100", "31", "130"));
    }

    @Test
    void aRetryThatIsWrittenTwiceCountsOnce() {
        database.run("select net.http_request('GET', 'http://h/', max_attempts := 5)");
        QueuedRequest request = claimOne();
        Verdict later = new Verdict.Retry(Duration.ofSeconds(9));
        assertThat(complete(request, later)).isTrue();
        // As after a connection that was lost before the answer came.
        assertThat(complete(request, later)).isFalse();
        assertThat(database.one("select failures from net.http_request_queue")).isEqualTo("1");
    }

    @Test
    void aLateRetryDoesNotBringBackARequestThatWasLostTooOften() {
        database.run("select net.http_request('GET', 'http://h/', max_attempts := 9)");
        QueuedRequest request = claimOne();
        database.run(
                "update net.http_request_queue set losses = 2; update net.lease set until = now() - interval '1 s'");
        database.run("select net.rescue(10, gen_random_uuid(), '1 s')");
        assertThat(complete(request, new Verdict.Retry(Duration.ofMillis(1)))).isFalse();
        assertThat(database.rows("select status, error_msg ~ '^Lost 3 times' from net.my_requests"))
                .containsExactly(List.of("failed", "t"));
    }

    @Test
    void whatIsExcludedIsNotClaimed() {
        database.run("select net.http_get('http://' || h || '/') from unnest('{a,b,c,b}'::text[]) h");
        assertThat(claim(List.of("b", "x"))).containsExactly("a", "c");
        assertThat(claim(List.of())).containsExactly("b", "b");
    }

    private List<String> claim(List<String> excluded) {
        return queue
                .claim(new ClaimTerms(10, 1 << 20, 10, 10, Turns.FIRST, List.of(), excluded))
                .blockOptional()
                .orElseThrow()
                .requests()
                .stream()
                .map(QueuedRequest::host)
                .toList();
    }

    @Test
    void aLateExtensionDoesNotHoldUpARetry() {
        database.run("select net.http_request('GET', 'http://h/', max_attempts := 5)");
        QueuedRequest request = claimOne();
        complete(request, new Verdict.Retry(Duration.ofMillis(1)));
        assertThat(queue.extend(Set.of(request.lease())).block()).isEmpty();
        assertThat(due.promote(10).block().promoted()).isEqualTo(1);
    }

    /** What is written alone may be held up for long; those who came in the same claim are not. */
    @Test
    void aLeaseOfItsOwnHoldsUpNoOther() throws SQLException {
        database.run("select net.http_get('http://h/') from generate_series(1, 2)");
        List<QueuedRequest> both =
                queue.claim(ClaimTerms.first(2, 1 << 20, 20)).block().requests();
        QueuedRequest mate = both.get(0);
        QueuedRequest stuck = both.get(1);
        assertThat(stuck.lease()).isEqualTo(mate.lease());
        long own = queue.isolate(Attempt.of(stuck)).block();
        // It has one by now, and by its old number it is not held.
        assertThat(queue.isolate(Attempt.of(stuck)).block()).isNull();
        assertThat(queue.isolate(new Attempt(stuck.id(), own)).block()).isNull();
        assertThat(complete(stuck, new Verdict.Done())).isFalse();
        assertThat(database.one("select net.http_request_status(" + stuck.id() + ")"))
                .isEqualTo("in_flight");
        try (Connection other = database.connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("select from net.lease where number = " + own + " for update");
            assertThat(queue.extend(Set.of(mate.lease(), own)).block()).containsExactly(mate.lease());
            assertThat(complete(mate, new Verdict.Done())).isTrue();
            other.rollback();
        }
        assertThat(complete(stuck.heldBy(own), new Verdict.Done())).isTrue();
        assertThat(database.one("select count(*) from net.lease")).isEqualTo("0");
    }

    @Test
    void aClaimTellsOfMoreAndGoesOnBehindTheLastHost() {
        database.run("select net.http_get('http://h' || i || '/') from generate_series(1, 5) i");
        Claim first = queue.claim(ClaimTerms.first(2, 1 << 20, 20)).block();
        assertThat(first.requests()).extracting(QueuedRequest::url).containsExactly("http://h1/", "http://h2/");
        assertThat(first.turns().hosts().values()).containsExactly("h2");
        assertThat(first.more()).isTrue();
        Claim second = queue.claim(after(first.turns())).block();
        assertThat(second.requests()).hasSize(3);
        Claim none = queue.claim(after(second.turns())).block();
        assertThat(none.requests()).isEmpty();
        assertThat(none.more()).isFalse();
    }

    @Test
    void aClaimSaysWhenAHostHasMoreThanItsPlaces() {
        database.run("select net.http_get('http://h' || i % 2 || '/') from generate_series(1, 200) i");
        Claim full = queue.claim(ClaimTerms.first(128, 1 << 20, 20)).block();
        assertThat(full.requests()).hasSize(128);
        assertThat(full.heldBack()).isTrue();
        Claim none = queue.claim(ClaimTerms.first(128, 1 << 20, 20)).block();
        assertThat(none.requests()).isEmpty();
        assertThat(none.more()).isFalse();
        assertThat(none.heldBack()).isTrue();
        // They may be freed by another bridge, which tells nobody.
        assertThat(none.nextIn()).isPresent();
        database.run(
                "delete from net.http_request_queue where id % 2 = 0 and id not in (select unnest(ids) from net.lease)");
        assertThat(queue.claim(ClaimTerms.first(128, 1 << 20, 20)).block().heldBack())
                .isTrue();
    }

    @Test
    void hostsThatCanGiveNothingTakeNoShare() {
        database.run("select net.set_host_rule('*.slow', per_second := 0.01);"
                + "select net.http_get('http://h' || i || '.slow/') from generate_series(1, 50) i;"
                + "select net.http_get('http://h' || i || '.slow/') from generate_series(1, 50) i;"
                + "select net.http_get('http://free/') from generate_series(1, 60)");
        // One each, and two of the one that can give its share.
        assertThat(queue.claim(ClaimTerms.first(100, 1 << 20, 200)).block().requests())
                .hasSize(52);
        // Of the fifty none may go for a while.
        assertThat(queue.claim(ClaimTerms.first(40, 1 << 20, 200)).block().requests())
                .hasSize(40)
                .extracting(QueuedRequest::host)
                .containsOnly("free");
    }

    @Test
    void aProbeGoesOutBesideWhatWasSentBefore() {
        database.run("select net.http_get('http://h/') from generate_series(1, 5)");
        claimOne();
        assertThat(hosts.openBreaker("h", Duration.ofMillis(10), false).block()).isNotNull();
        assertThat(hosts.openBreaker("h", Duration.ofMillis(10), false).block()).isNull();
        database.run("update net.hosts set breaker_open_until = now()");
        Claim probe = queue.claim(ClaimTerms.first(9, 1 << 20, 20)).block();
        assertThat(probe.requests()).singleElement().matches(QueuedRequest::probe);
        assertThat(queue.claim(ClaimTerms.first(9, 1 << 20, 20)).block().requests())
                .isEmpty();
        assertThat(hosts.openBreaker("h", Duration.ofMillis(10), true).block()).isNotNull();
        assertThat(hosts.closeBreaker("h").block()).isTrue();
        assertThat(hosts.closeBreaker("h").block()).isFalse();
        assertThat(queue.claim(ClaimTerms.first(9, 1 << 20, 20)).block().requests())
                .hasSize(3);
    }

    private static ClaimTerms after(Turns turns) {
        return new ClaimTerms(10, 1 << 20, 20, 10, turns, List.of(), List.of());
    }

    private QueuedRequest claimOne() {
        return queue.claim(ClaimTerms.first(1, 1 << 20, 20)).block().requests().get(0);
    }

    private boolean complete(QueuedRequest request, Verdict verdict) {
        Completed completed = new Completed(request, REFUSED, verdict, System.nanoTime(), Duration.ofMillis(1));
        return !queue.complete(List.of(completed)).block().written().isEmpty();
    }

    private void makeDue() {
        database.run("update net.http_request_queue set state = 'due', due_at = null");
    }
}
