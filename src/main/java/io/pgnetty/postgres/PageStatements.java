package io.pgnetty.postgres;

import io.r2dbc.spi.Statement;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import reactor.core.publisher.Mono;
import reactor.pool.InstrumentedPool;
import reactor.pool.PoolAcquirePendingLimitException;
import reactor.pool.PoolAcquireTimeoutException;
import reactor.pool.PoolBuilder;
import reactor.pool.PooledRef;

/**
 * What the page reads, each as JSON that PostgreSQL makes, and what it orders. Every read is bounded, whatever waits, and one list and
 * one look at what goes on are read at a time: however many ask, they take two of the bridge's connections.
 */
public final class PageStatements {

    /** Rows of a list at most. */
    private static final int ROWS = 100;

    private static final Pattern ID = Pattern.compile("[0-9]{1,18}");
    private static final int WAITING = 64;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Database database;
    private final boolean details;
    private final InstrumentedPool<Object> lists = turns();
    private final InstrumentedPool<Object> live = turns();

    /**
     * Runs on the given database.
     *
     * @param details whether URLs and error texts are read; else what {@code --monitor} gives is
     */
    public PageStatements(Database database, boolean details) {
        this.database = database;
        this.details = details;
    }

    /** What goes on now. */
    public Mono<String> now() {
        return json(live, "page_now", "now", statement -> statement.bind(0, details));
    }

    /** Requests that wait; {@code retried} for those alone that have failed before. */
    public Mono<String> waiting(boolean retried, String search) {
        return requests("page_waiting", retried, search);
    }

    /** Dead letters. */
    public Mono<String> dead(String search) {
        return json(
                lists,
                "page_dead",
                "rows",
                statement ->
                        statement.bind(0, search).bind(1, ROWS).bind(2, details).bind(3, id(search)));
    }

    /** Requests that are done; {@code failed} for those alone that failed. */
    public Mono<String> answered(boolean failed, String search) {
        return requests("page_answered", failed, search);
    }

    /** A list of all requests, or of some of them alone. */
    private Mono<String> requests(String name, boolean some, String search) {
        return json(
                lists,
                name,
                "rows",
                statement -> statement
                        .bind(0, some)
                        .bind(1, search)
                        .bind(2, ROWS)
                        .bind(3, details)
                        .bind(4, id(search)));
    }

    /** All that is known of one request. */
    public Mono<String> request(long id) {
        return json(lists, "page_request", "request", statement -> statement.bind(0, id));
    }

    /**
     * Carries out an order.
     *
     * @param action cancel, redeliver, pause or resume
     * @param target the request's id, or the host's pattern
     * @return how many it took
     */
    public Mono<Long> operate(String action, String target) {
        return database.list(
                        "operate",
                        statement -> statement.bind(0, action).bind(1, target),
                        row -> Rows.present(row, "taken", Long.class))
                .map(rows -> rows.get(0));
    }

    /** Goes on when whoever asked leaves: a query is not cancelled. */
    private Mono<String> json(InstrumentedPool<Object> turns, String name, String column, Consumer<Statement> bind) {
        Mono<String> read = database.list(name, bind, row -> Rows.present(row, column, String.class))
                .map(rows -> rows.get(0));
        return Mono.defer(() -> Mono.usingWhen(
                        turns.acquire(PATIENCE)
                                .onErrorMap(PoolAcquireTimeoutException.class, error -> busy())
                                .onErrorMap(PoolAcquirePendingLimitException.class, error -> busy()),
                        turn -> read,
                        PooledRef::release)
                .cache());
    }

    /** The id that a search may be; one that no request has, if it is none. */
    private static long id(String search) {
        return ID.matcher(search).matches() ? Long.parseLong(search) : -1;
    }

    private static InstrumentedPool<Object> turns() {
        return PoolBuilder.from(Mono.fromSupplier(Object::new))
                .sizeBetween(0, 1)
                .maxPendingAcquire(WAITING)
                .buildPool();
    }

    private static Throwable busy() {
        return new IllegalStateException("the reads of other pages take long; try again");
    }
}
