package io.pgnetty.service;

import io.pgnetty.admin.AdminServer;
import io.pgnetty.bridge.Backoff;
import io.pgnetty.bridge.Bridge;
import io.pgnetty.bridge.Health;
import io.pgnetty.bridge.SecretQuestions;
import io.pgnetty.config.Config;
import io.pgnetty.config.HostPort;
import io.pgnetty.http.HttpSender;
import io.pgnetty.http.egress.EgressRules;
import io.pgnetty.http.egress.OwnPlaces;
import io.pgnetty.http.tls.TargetTls;
import io.pgnetty.metrics.Meters;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.observe.Observers;
import io.pgnetty.postgres.BridgeId;
import io.pgnetty.postgres.BridgeStatements;
import io.pgnetty.postgres.CallbackSessions;
import io.pgnetty.postgres.CallbackStatements;
import io.pgnetty.postgres.Database;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.MaintenanceStatements;
import io.pgnetty.postgres.NotReadyException;
import io.pgnetty.postgres.Notifications;
import io.pgnetty.postgres.PageStatements;
import io.pgnetty.postgres.Readiness;
import io.pgnetty.postgres.SecretStatements;
import io.pgnetty.web.Page;
import io.pgnetty.web.Traffic;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.client.HttpClient;
import reactor.util.retry.Retry;

/** A running bridge with all that belongs to it: wired by hand here, closed in reverse. */
public final class Service {

    private final Database database;
    private final HttpSender sender;
    private final Bridge bridge;
    private final List<AdminServer> servers;
    private final Meters meters;
    private final Tracing tracing;

    private Service(
            Database database,
            HttpSender sender,
            Bridge bridge,
            List<AdminServer> servers,
            Meters meters,
            Tracing tracing) {
        this.database = database;
        this.sender = sender;
        this.bridge = bridge;
        this.servers = servers;
        this.meters = meters;
        this.tracing = tracing;
    }

    /**
     * What a service is started with beside its configuration.
     *
     * @param name what people call this bridge
     * @param version this program's
     * @param listeners take every event, after the meters, on the thread on which it happens
     * @param tls added to the HTTP client; leaves the JVM's trust store in force when it adds nothing
     */
    public record Setup(String name, String version, List<Events> listeners, UnaryOperator<HttpClient> tls) {}

    /**
     * Starts. Waits for a database that is away, and for a standby to become a primary; errors when waiting cannot help: a wrong password,
     * a missing schema, an address in use.
     */
    public static Mono<Service> start(Config config, Setup setup) {
        return Mono.defer(() -> {
            TargetTls.allowOldServers();
            Traffic traffic = new Traffic();
            Relay relay = new Relay();
            Tracing tracing = Tracing.of(config, setup.name(), setup.version(), relay);
            Meters meters = new Meters(setup.version(), tracing.exemplars());
            relay.tell(List.of(meters, traffic), setup.listeners());
            Health health = new Health(setup.name(), Backoff.MAX, relay);
            relay.tell(health);
            meters.watchDrops(relay::dropped);
            meters.watch(config, health);
            Database database = new Database(
                    config.database().url(),
                    config.database().pooled(),
                    config.database().connections());
            EgressRules rules = new EgressRules(config.egress(), OwnPlaces.of(config));
            Page page = page(config, setup, database, traffic, health);
            Starting starting = new Starting(config, setup, meters, health, database, relay, page, tracing);
            // Beside the database's first connection, as it reads files: the trust store, the hosts file.
            Mono<HttpSender> sender = Mono.fromCallable(() -> starting.sender(rules))
                    .subscribeOn(Schedulers.boundedElastic())
                    .cache();
            relay.emit(new Event.Starting(
                    setup.name(), setup.version(), config.database().url().place(), config.summary()));
            // Probes answer first: waiting for the database is a state to be seen, not a port that is closed.
            return starting.servers()
                    .flatMap(servers -> sender.zipWith(
                                    prepared(database, rules, config, relay).retryWhen(starting.whileAway()))
                            .map(both -> starting.wire(both.getT1(), both.getT2(), servers))
                            .onErrorResume(error -> close(database, servers).then(Mono.error(error))))
                    .onErrorResume(error -> sender.onErrorComplete()
                            .flatMap(HttpSender::close)
                            .then(tracing.close())
                            .doFinally(end -> meters.close())
                            .then(Mono.error(error)));
        });
    }

    /** What requests say is shown, and may be changed, where there is a token to be asked for. */
    private static Page page(Config config, Setup setup, Database database, Traffic traffic, Health health) {
        boolean hasToken = config.admin().tokenFile() != null;
        return new Page(new PageStatements(database, hasToken), traffic, health, hasToken, setup.name());
    }

    /** The database's encoding, once it can be worked with. */
    private static Mono<String> prepared(Database database, EgressRules rules, Config config, Relay relay) {
        MaintenanceStatements statements = new MaintenanceStatements(database);
        return Readiness.verify(database)
                .delayUntil(encoding -> statements.verifyIdentity())
                // No new request is to have the id of an older one.
                .delayUntil(encoding -> statements.advanceIds().doOnNext(id -> relay.emit(new Event.IdsAdvanced(id))))
                // So that the limit holds from the first moment on.
                .delayUntil(encoding -> statements.room(config.database().maxQueued()))
                // Functions are not called where this fails, and the bridge says so again; requests are sent all the
                // same.
                .delayUntil(encoding -> Mono.justOrEmpty(config.callbackUrl())
                        .flatMap(url -> new CallbackStatements(database)
                                .serve(new CallbackSessions(url))
                                .onErrorResume(error -> Mono.fromRunnable(() -> relay.emit(new Event.ChoreFailed(
                                        "login of --callback-url", DatabaseFailure.reason(error)))))))
                // Its own name can be resolved by now.
                .delayUntil(encoding -> Mono.fromRunnable(rules::lookUp).subscribeOn(Schedulers.boundedElastic()));
    }

    /** The bridge itself. */
    public Bridge bridge() {
        return bridge;
    }

    /** Completes when the bridge does not fit the schema any more, and must be stopped. */
    public Mono<Void> outdated() {
        return bridge.outdated();
    }

    /** The port of {@code --admin}. */
    public int adminPort() {
        return servers.get(0).port();
    }

    /** Drains and closes everything. */
    public Mono<Void> stop() {
        return bridge.stop()
                .then(sender.close())
                .then(close(database, servers))
                .then(tracing.close())
                .doFinally(end -> meters.close());
    }

    private static Mono<Void> close(Database database, List<AdminServer> servers) {
        return database.close()
                .onErrorComplete()
                .then(Flux.fromIterable(servers).concatMap(AdminServer::close).then());
    }

    private record Starting(
            Config config,
            Setup setup,
            Meters meters,
            Health health,
            Database database,
            Relay relay,
            Page page,
            Tracing tracing) {

        HttpSender sender(EgressRules rules) {
            SecretQuestions secrets = new SecretQuestions(new SecretStatements(database));
            return new HttpSender(
                    config.delivery(),
                    config.targets(),
                    rules,
                    new HttpSender.Setup(setup.version(), relay, secrets, setup.tls()));
        }

        Service wire(HttpSender sender, String encoding, List<AdminServer> servers) {
            BridgeId self = new BridgeId(UUID.randomUUID(), setup.name(), setup.version());
            BridgeStatements statements = BridgeStatements.of(database, self, config, encoding);
            Notifications notifications =
                    new Notifications(config.database().listenUrl(), database, self.id(), Backoff.MAX, relay);
            Bridge bridge = new Bridge(
                    config, health, statements, notifications, sender, new Observers(relay, tracing.traces()));
            meters.watch(bridge);
            page.have(bridge);
            bridge.start();
            return new Service(database, sender, bridge, servers, meters, tracing);
        }

        Mono<List<AdminServer>> servers() {
            Mono<AdminServer> admin = AdminServer.admin(config.admin(), health, meters, page)
                    .onErrorMap(
                            error -> !(error instanceof IllegalArgumentException),
                            error -> new BindException("--admin", config.admin().address(), error));
            HostPort address = config.admin().probes();
            Mono<AdminServer> probes = address == null
                    ? Mono.empty()
                    : AdminServer.probes(address, health, meters)
                            .onErrorMap(error -> new BindException("--probes", address, error));
            return admin.concatWith(probes).collectList();
        }

        Retry whileAway() {
            return Retry.backoff(Long.MAX_VALUE, Duration.ofMillis(200))
                    .maxBackoff(Backoff.MAX)
                    .jitter(0.5)
                    .filter(error -> !(error instanceof NotReadyException)
                            && (DatabaseFailure.away(error)
                                    || DatabaseFailure.passing(error)
                                    || DatabaseFailure.slow(error)))
                    .doBeforeRetry(signal -> {
                        health.cutOff(signal.failure());
                        relay.emit(new Event.CutOff(DatabaseFailure.reason(signal.failure()), Backoff.MAX));
                    });
        }
    }
}
