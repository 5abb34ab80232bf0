package io.pgnetty.postgres;

import static io.pgnetty.postgres.Rows.interval;
import static io.pgnetty.postgres.Rows.present;

import io.r2dbc.spi.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Functions of {@code on_response} that are to be called: {@code net.callback}. */
public final class CallbackStatements {

    private final Database database;

    /** Runs them there. */
    public CallbackStatements(Database database) {
        this.database = database;
    }

    /**
     * Claims one that is due; empty where there is none.
     *
     * @param lease if there is no outcome after that time, it is claimed again
     * @param running how many this bridge runs of each role, by its object id: who has fewest comes first
     * @param most of one role
     */
    public Mono<DueCallback> claim(Duration lease, Map<Long, Integer> running, int most) {
        List<Map.Entry<Long, Integer>> roles = List.copyOf(running.entrySet());
        return database.list(
                        "callback_claim",
                        statement -> statement
                                .bind(0, interval(lease))
                                .bind(1, roles.stream().map(Map.Entry::getKey).toArray(Long[]::new))
                                .bind(2, roles.stream().map(Map.Entry::getValue).toArray(Integer[]::new))
                                .bind(3, most),
                        row -> new DueCallback(
                                present(row, "number", Long.class),
                                present(row, "id", Long.class),
                                present(row, "role", Long.class),
                                present(row, "attempts", Integer.class),
                                present(row, "function", String.class),
                                Optional.ofNullable(row.get("call", String.class)),
                                present(row, "allowed", Boolean.class)))
                .flatMap(rows -> Mono.justOrEmpty(rows.stream().findFirst()));
    }

    /** It was called, and has returned. */
    public Mono<Void> done(DueCallback callback) {
        return ended(callback, null, null, false);
    }

    /**
     * It is called again after {@code pause}.
     *
     * @param counts whether this was an attempt
     */
    public Mono<Void> again(DueCallback callback, String reason, Duration pause, boolean counts) {
        return ended(callback, reason, interval(pause), !counts);
    }

    /** It is not called again, and its row says why. */
    public Mono<Void> failed(DueCallback callback, String reason) {
        return ended(callback, reason, null, false);
    }

    private Mono<Void> ended(DueCallback callback, @Nullable String reason, @Nullable String pause, boolean uncounted) {
        return database.list(
                        "callback_done",
                        statement -> {
                            statement
                                    .bind(0, callback.number())
                                    .bind(3, callback.attempt())
                                    .bind(4, uncounted);
                            bind(statement, 1, reason);
                            bind(statement, 2, pause);
                        },
                        row -> 0)
                .then();
    }

    private static void bind(Statement statement, int index, @Nullable String text) {
        if (text == null) {
            statement.bindNull(index, String.class);
        } else {
            statement.bind(index, text);
        }
    }

    /**
     * Ends a session of the callbacks' role, from one that no function of theirs can end.
     *
     * @return errors where our role may not: a member of the other may
     */
    public Mono<Void> end(int process, String role) {
        return database.list(
                        "callback_end", statement -> statement.bind(0, process).bind(1, role), row -> 0)
                .then();
    }

    /**
     * Says that functions are called in such sessions, so that requests may ask for it.
     *
     * @return errors with {@link NotReadyException} where their role, or their database, is not one for that
     */
    public Mono<Void> serve(CallbackSessions sessions) {
        return sessions.self()
                .flatMap(self -> database.list(
                                "callback_role",
                                statement -> statement.bind(0, self.role()).bind(1, self.database()),
                                row -> 0)
                        .flatMap(rows -> rows.isEmpty()
                                ? Mono.error(new NotReadyException(
                                        "--callback-url leads to another database than --url: " + self.database()))
                                : Mono.empty()));
    }
}
