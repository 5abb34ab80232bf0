package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.config.LeaseTimings;
import io.pgnetty.request.Completed;
import io.pgnetty.request.Header;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Verdict;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a request costs the database from its claim to its response, with a bridge's own statements: WAL, and rows left dead. */
class RequestCostTest {

    private static final int REQUESTS = 12_800;
    private static final int CLAIM = 128;
    private static final int WRITE = 64;

    @Test
    void aRequestLeavesOneDeadRowAndLittleWal() {
        // Else a page is logged as a whole with its first change after a checkpoint, whenever that comes.
        TestPostgres postgres = TestPostgres.start("17", Map.of("full_page_writes", "off"));
        try {
            measure(postgres.installed());
        } finally {
            postgres.stop();
        }
    }

    private static void measure(TestDatabase database) {
        database.run("select net.set_host_rule('*', max_in_flight := 10000)");
        database.run("select net.http_post('http://h' || i % 4 || '/', jsonb_build_object('i', i))"
                + " from generate_series(1, " + REQUESTS + ") i");
        long dead = dead(database);
        String from = database.one("select pg_current_wal_insert_lsn()");

        assertThat(sendAll(database.url())).isEqualTo(REQUESTS);

        double wal = Double.parseDouble(database.one("select pg_current_wal_insert_lsn() - '" + from + "'"));
        double changed = (double) (dead(database) - dead) / REQUESTS;
        System.out.printf("%.0f bytes of WAL, %.2f rows left dead a request%n", wal / REQUESTS, changed);
        assertThat(wal / REQUESTS).isBetween(200.0, 600.0);
        assertThat(changed).isBetween(1.0, 1.1);
        assertThat(database.one("select count(*) from net._http_response")).isEqualTo(String.valueOf(REQUESTS));
        assertThat(database.one("select count(*) from net.http_request_queue")).isEqualTo("0");
        assertThat(database.one("select count(*) from net.lease")).isEqualTo("0");
    }

    /** Closes its connections at the end, as statistics arrive then. */
    private static int sendAll(DatabaseUrl url) {
        Database database = new Database(url, false);
        try {
            RequestQueue queue = new RequestQueue(
                    database,
                    new BridgeId(UUID.randomUUID(), "test", "0"),
                    new LeaseTimings(Duration.ofSeconds(30)),
                    1 << 20,
                    "UTF8");
            int done = 0;
            while (true) {
                List<Completed> answered =
                        queue
                                .claim(ClaimTerms.first(CLAIM, 1 << 20, 300))
                                .blockOptional()
                                .orElseThrow()
                                .requests()
                                .stream()
                                .map(request -> new Completed(
                                        request,
                                        new Outcome.Responded(
                                                200,
                                                "text/plain",
                                                List.of(new Header("Content-Type", "text/plain")),
                                                ("answer " + request.id()).getBytes(StandardCharsets.UTF_8)),
                                        new Verdict.Done(),
                                        System.nanoTime(),
                                        Duration.ofMillis(1)))
                                .toList();
                if (answered.isEmpty()) {
                    return done;
                }
                for (int i = 0; i < answered.size(); i += WRITE) {
                    done += queue.complete(answered.subList(i, Math.min(i + WRITE, answered.size())))
                            .blockOptional()
                            .orElseThrow()
                            .written()
                            .size();
                }
            }
        } finally {
            database.close().block();
        }
    }

    /** Versions of rows that nobody sees any more, of all tables, since they were made. */
    private static long dead(TestDatabase database) {
        return Long.parseLong(database.one(
                "select sum(n_tup_upd + n_tup_del) from pg_stat_user_tables" + " where schemaname = 'net'"));
    }
}
