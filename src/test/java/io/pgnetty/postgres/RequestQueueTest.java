package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.postgres.RequestQueue.Attempt;
import io.pgnetty.request.Completed;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.QueuedRequest;
import io.pgnetty.request.Verdict;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What single statements of the protocol promise. */
class RequestQueueTest {

    private static final Outcome REFUSED = new Outcome.Failed(FailureKind.CONNECT, "refused");

    private final TestDatabase database = TestPostgres.shared().installed();
    private final Database connections = new Database(database.url(), false);
    private final RequestQueue queue = new RequestQueue(
            connections, new Replicas.Self(UUID.randomUUID(), "one", "0"), Duration.ofSeconds(30), 1 << 20, "UTF8");

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
    void aLateExtensionDoesNotHoldUpARetry() {
        database.run("select net.http_request('GET', 'http://h/', max_attempts := 5)");
        QueuedRequest request = claimOne();
        complete(request, new Verdict.Retry(Duration.ofMillis(1)));
        assertThat(queue.extend(List.of(Attempt.of(request))).block()).isEmpty();
        assertThat(queue.promote(10, true).block().promoted()).isEqualTo(1);
    }

    @Test
    void aClaimTellsOfMoreAndGoesOnBehindTheLastHost() {
        database.run("select net.http_get('http://h' || i || '/') from generate_series(1, 5) i");
        RequestQueue.Claim first = queue.claim(2, 1 << 20, "", 20).block();
        assertThat(first.requests()).extracting(QueuedRequest::url).containsExactly("http://h1/", "http://h2/");
        assertThat(first.lastHost()).isEqualTo("h2");
        assertThat(first.more()).isTrue();
        RequestQueue.Claim second =
                queue.claim(10, 1 << 20, first.lastHost(), 20).block();
        assertThat(second.requests()).hasSize(3);
        RequestQueue.Claim none =
                queue.claim(10, 1 << 20, second.lastHost(), 20).block();
        assertThat(none.requests()).isEmpty();
        assertThat(none.more()).isFalse();
    }

    private QueuedRequest claimOne() {
        return queue.claim(1, 1 << 20, "", 20).block().requests().get(0);
    }

    private boolean complete(QueuedRequest request, Verdict verdict) {
        Completed completed = new Completed(request, REFUSED, verdict, System.nanoTime(), Duration.ofMillis(1));
        return !queue.complete(List.of(completed)).block().isEmpty();
    }

    private void makeDue() {
        database.run("update net.http_request_queue set lease_until = null");
    }
}
