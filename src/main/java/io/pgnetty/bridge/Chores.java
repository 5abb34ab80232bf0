package io.pgnetty.bridge;

import io.pgnetty.config.Config;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.BridgeStatements;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.Heartbeats;
import io.pgnetty.postgres.Heartbeats.HeartbeatReply;
import io.pgnetty.postgres.HostStatements;
import io.pgnetty.postgres.MaintenanceStatements;
import io.pgnetty.request.HostRules;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What a bridge does periodically: extends leases, sends heartbeats, deletes what is old, counts, and polls without being notified. */
final class Chores {

    private static final Duration OLD = Duration.ofMinutes(5);

    private static final Duration SWEEP = Duration.ofSeconds(1);
    private static final int BATCH = 1_000;

    /** Of requests kept after success, a role's part. */
    private static final long MAX_SENT_BYTES = 1L << 30;

    private final MaintenanceStatements maintenance;
    private final Heartbeats heartbeats;
    private final HostStatements hosts;
    private final Leases leases;
    private final Rest rest;
    private final QueueVacuum vacuum;
    private final QueueCount count;
    private final Health health;
    private final Config.Database config;
    private final Events events;
    private final Listener listener;
    private final Sinks.Many<Long> beats = Sinks.many().multicast().directBestEffort();
    private volatile long restarts = -1;
    private volatile Optional<String> rules = Optional.empty();

    /** Acts on the results of chores. */
    interface Listener {
        /** The fallback poll is due. */
        void pollIsDue();

        /** All connections are to be closed and made again. */
        void restartRequested();

        /** The rules of hosts are these now. */
        void ruled(HostRules rules);

        /** What a heartbeat has brought back. */
        void onHeartbeat(HeartbeatReply reply);
    }

    Chores(
            BridgeStatements statements,
            Shared shared,
            QueueVacuum vacuum,
            QueueCount count,
            Config.Database config,
            Listener listener) {
        this.maintenance = statements.maintenance();
        this.heartbeats = statements.heartbeats();
        this.hosts = statements.hosts();
        this.leases = shared.leases();
        this.rest = shared.rest();
        this.health = shared.health();
        this.events = shared.events();
        this.vacuum = vacuum;
        this.count = count;
        this.config = config;
        this.listener = listener;
    }

    /** All chores; they run while subscribed to, each at its own pace and one run at a time. Never errors. */
    Flux<Void> run() {
        return Flux.merge(
                rarely(
                        config.fallbackPoll(),
                        Rest.PAUSE,
                        "fallback poll",
                        () -> Mono.fromRunnable(listener::pollIsDue)),
                heartbeats(),
                every(config.timings().extension(), "lease extension", leases::extend),
                every(config.timings().check(), "lease check", () -> Mono.fromRunnable(leases::endOverdue)),
                rarely(retention(), OLD.multipliedBy(2), "retention", this::expire),
                every(SWEEP, "vacuum of the queue", vacuum::sweep),
                every(QueueCount.LOOK, "count of the queue", count::look),
                every(
                        OLD,
                        "old bridges, hosts and kept requests",
                        () -> heartbeats
                                .forgetOld()
                                .then(expire(maintenance.expireHosts(BATCH)))
                                .then(expire(maintenance.trimSent(BATCH, MAX_SENT_BYTES)))));
    }

    /** Says at once that this bridge is there, and in what state. */
    void beatNow() {
        // Lost in a race, the next beat says it.
        beats.tryEmitNext(0L);
    }

    private Duration retention() {
        return between(
                Duration.ofSeconds(1),
                shorter(config.responseTtl(), config.deadLetterTtl()).dividedBy(4),
                Duration.ofSeconds(30));
    }

    private Flux<Void> heartbeats() {
        Pace pace = new Pace(rest, config.timings().restingHeartbeat());
        return Flux.merge(
                        Flux.interval(Duration.ZERO, config.timings().heartbeat())
                                .filter(tick -> pace.isDue()),
                        beats.asFlux())
                .onBackpressureLatest()
                .concatMap(
                        beat -> quietly(
                                "heartbeat",
                                () -> heartbeat().doOnError(error -> {
                                    pace.again();
                                    health.beatFailed(DatabaseFailure.reason(error));
                                })),
                        1);
    }

    /** Says that this bridge is there, and does what the bridges were asked for. */
    private Mono<Void> heartbeat() {
        if (leases.count() > 0) {
            rest.end();
        }
        boolean resting = rest.isResting();
        Duration leadership = resting
                ? config.timings().restingLeadership()
                : config.timings().leadership();
        return heartbeats
                .heartbeat(health.state().label, leases.inFlight(), health.isFit(), leadership, resting)
                .doOnNext(reply -> health.beat())
                .doOnNext(listener::onHeartbeat)
                .doOnNext(beat -> {
                    // What no notification tells of, as of a session that may not notify.
                    if (resting && beat.isDue()) {
                        listener.pollIsDue();
                    }
                })
                .doOnNext(beat -> {
                    boolean isNew = restarts >= 0 && beat.restarts() != restarts;
                    restarts = beat.restarts();
                    if (isNew) {
                        events.emit(new Event.RestartRequested());
                        listener.restartRequested();
                    }
                })
                .flatMap(beat -> beat.misfit().isEmpty() && !rules.equals(Optional.of(beat.rules()))
                        ? readRules(beat.rules())
                        : Mono.empty());
    }

    /** They are as of a later moment than the version, which is another one then the next time. */
    private Mono<Void> readRules(String version) {
        return hosts.rules()
                .doOnNext(changed -> {
                    rules = Optional.of(version);
                    listener.ruled(changed);
                })
                .then();
    }

    /** In batches, one statement each, until less than a batch is left. */
    private Mono<Void> expire() {
        return expire(maintenance.expireResponses(BATCH, config.responseTtl()))
                .then(expire(maintenance.expireParked(BATCH, config.responseTtl())))
                .then(expire(maintenance.expireCallbacks(BATCH, config.responseTtl())))
                .then(expire(maintenance.expireSent(BATCH)))
                .then(expire(maintenance.expireDeadLetters(BATCH, config.deadLetterTtl())));
    }

    private Mono<Void> expire(Mono<Integer> batch) {
        return batch.repeat()
                .takeUntil(count -> count < BATCH)
                .filter(count -> count > 0)
                .doOnNext(count -> events.emit(new Event.Expired(count)))
                .then();
    }

    /** Runs a chore that is of little use while the bridge rests more rarely then. */
    private Flux<Void> rarely(Duration period, Duration resting, String chore, Supplier<Mono<Void>> work) {
        Pace pace = new Pace(rest, resting);
        return Flux.interval(period)
                .onBackpressureDrop()
                .filter(tick -> pace.isDue())
                .concatMap(tick -> quietly(chore, work), 1);
    }

    private Flux<Void> every(Duration period, String chore, Supplier<Mono<Void>> work) {
        return Flux.interval(period).onBackpressureDrop().concatMap(tick -> quietly(chore, work), 1);
    }

    private Mono<Void> quietly(String chore, Supplier<Mono<Void>> work) {
        return Mono.defer(work).onErrorResume(error -> {
            events.emit(new Event.ChoreFailed(chore, DatabaseFailure.reason(error)));
            return Mono.empty();
        });
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static Duration between(Duration min, Duration value, Duration max) {
        return value.compareTo(min) < 0 ? min : value.compareTo(max) > 0 ? max : value;
    }
}
