package io.pgnetty.postgres;

import io.pgnetty.config.DatabaseUrl;
import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What {@code bench} does in the database: senders at work, in a database of its own. */
public final class Workload {

    /** The database of the bench. */
    public static final String DATABASE = "pgnetty_bench";

    private final DatabaseUrl url;
    private final Database database;
    private final String scheme;

    /** What a sender does in each transaction. */
    public enum Send {
        /** An insert into a table like the queue, without triggers. */
        PLAIN,
        /** {@code net.http_post}. */
        POST,
        /** The insert, and an unconditional notification. */
        NOTIFY
    }

    /**
     * How long requests took from the queue to the record.
     *
     * @param recorded how many
     */
    public record Latency(long recorded, double p50Millis, double p99Millis) {}

    /**
     * What the server has used so far.
     *
     * @param pids its processes that work in the bench's database
     * @param wal how much it has logged, in bytes
     */
    public record Usage(List<Integer> pids, long wal) {}

    private Workload(DatabaseUrl url, String scheme) {
        this.url = url;
        this.scheme = scheme;
        this.database = new Database(url, false);
    }

    /**
     * Makes the bench's database on the server of that URL and installs schema {@code net} in it.
     *
     * @param scheme of the URLs that requests have
     */
    public static Mono<Workload> create(DatabaseUrl server, String scheme) {
        return once(server, "bench/create_database")
                .then(Mono.fromSupplier(() -> new Workload(server.withDatabase(DATABASE), scheme)))
                .flatMap(workload -> workload.prepare()
                        .onErrorResume(
                                error -> workload.close().then(drop(server)).then(Mono.error(error)))
                        .thenReturn(workload));
    }

    /** Drops the bench's database. */
    public static Mono<Void> drop(DatabaseUrl server) {
        return once(server, "bench/drop_database");
    }

    /** Where the bench's database is. */
    public DatabaseUrl url() {
        return url;
    }

    /** The connections of a bridge's kind to it. */
    public Database database() {
        return database;
    }

    /** Queues {@code count} requests in one transaction, to these ports in turn. */
    public Mono<Void> queue(List<Integer> ports, int count) {
        return database.list(
                        "bench/queue",
                        statement -> statement
                                .bind(0, ports.toArray(Integer[]::new))
                                .bind(1, count)
                                .bind(2, scheme),
                        row -> Rows.present(row, "queued", Long.class))
                .then();
    }

    /** Queues one request. */
    public Mono<Void> queueOne(int port) {
        return database.list(
                        "bench/send_post", statement -> statement.bind(0, port).bind(1, scheme), row -> 0)
                .then();
    }

    /** The server's version. */
    public Mono<String> version() {
        return database.list("bench/version", statement -> {}, row -> Rows.present(row, "version", String.class))
                .map(rows -> rows.get(0));
    }

    /** What the server has used so far. */
    public Mono<Usage> usage() {
        return database.list(
                        "bench/cost",
                        statement -> {},
                        row -> new Usage(
                                List.of(Rows.present(row, "pids", Integer[].class)),
                                Rows.present(row, "wal", Long.class)))
                .map(rows -> rows.get(0));
    }

    /** How many requests are in the queue. */
    public Mono<Long> waiting() {
        return database.list("bench/waiting", statement -> {}, row -> Rows.present(row, "waiting", Long.class))
                .map(rows -> rows.get(0));
    }

    /** How long those took whose responses are there. */
    public Mono<Latency> latency() {
        return database.list(
                        "bench/latency",
                        statement -> {},
                        row -> new Latency(
                                Rows.present(row, "recorded", Long.class),
                                Rows.present(row, "p50", Double.class),
                                Rows.present(row, "p99", Double.class)))
                .map(rows -> rows.get(0));
    }

    /** Nothing is sent until {@link #resume}. */
    public Mono<Void> pause() {
        return run("bench/pause");
    }

    /** Sends the requests that wait. */
    public Mono<Void> resume() {
        return run("bench/resume");
    }

    /** Forgets what was recorded. */
    public Mono<Void> clear() {
        return run("bench/clear");
    }

    /**
     * Runs {@code senders} senders, each on a connection of its own, one transaction after another.
     *
     * @return the transactions that were committed in that time
     */
    public Mono<Long> send(Send what, int senders, List<Integer> ports, Duration time) {
        String statement = Sql.statement("bench/send_" + what.name().toLowerCase(Locale.ROOT));
        return Flux.range(0, senders)
                .flatMap(
                        sender -> Mono.usingWhen(
                                Connections.direct(url).create().cast(Connection.class),
                                connection -> sendAll(
                                        connection,
                                        statement,
                                        ports.get(sender % ports.size()),
                                        System.nanoTime() + time.toNanos()),
                                Connection::close),
                        senders)
                .reduce(0L, Long::sum);
    }

    /** Closes the connections. */
    public Mono<Void> close() {
        return database.close();
    }

    private Mono<Long> sendAll(Connection connection, String statement, int port, long end) {
        return Mono.defer(() -> Flux.from(connection
                                .createStatement(statement)
                                .bind(0, port)
                                .bind(1, scheme)
                                .execute())
                        .concatMap(result -> result.map(row -> 1L))
                        .then(Mono.just(1L)))
                .repeat(() -> System.nanoTime() < end)
                .count();
    }

    private Mono<Void> prepare() {
        return Schema.run(url, Schema.installScript(new Schema.Options(List.of(), Optional.empty(), Optional.empty())))
                .then(run("bench/prepare"));
    }

    private Mono<Void> run(String name) {
        return database.list(name, statement -> {}, row -> 0).then();
    }

    private static Mono<Void> once(DatabaseUrl url, String name) {
        return Mono.defer(() -> {
            Database server = new Database(url, false);
            return server.list(name, statement -> {}, row -> 0)
                    .then()
                    .materialize()
                    .delayUntil(done -> server.close())
                    .dematerialize();
        });
    }
}
