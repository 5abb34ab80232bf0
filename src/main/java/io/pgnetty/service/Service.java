package io.pgnetty.service;

import io.pgnetty.admin.AdminServer;
import io.pgnetty.admin.Meters;
import io.pgnetty.bridge.Bridge;
import io.pgnetty.config.Config;
import io.pgnetty.config.HostPort;
import io.pgnetty.http.EgressRules;
import io.pgnetty.http.HttpSender;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.Bell;
import io.pgnetty.postgres.Database;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.NotReadyException;
import io.pgnetty.postgres.Replicas;
import io.pgnetty.postgres.RequestQueue;
import io.pgnetty.postgres.Schema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.util.retry.Retry;

/** A running bridge with all that belongs to it: wired by hand here, closed in reverse. */
public final class Service {

    private final Database database;
    private final HttpSender sender;
    private final Bridge bridge;
    private final List<AdminServer> servers;

    private Service(Database database, HttpSender sender, Bridge bridge, List<AdminServer> servers) {
        this.database = database;
        this.sender = sender;
        this.bridge = bridge;
        this.servers = servers;
    }

    /**
     * What a service is started with beside its configuration.
     *
     * @param name what people call this replica
     * @param version this program's
     * @param listeners take every event, after the meters
     * @param tls added to the HTTP client; leaves the JVM's trust store in force when it adds nothing
     */
    public record Setup(String name, String version, List<Events> listeners, UnaryOperator<HttpClient> tls) {}

    /**
     * Starts. Waits for a database that is away; errors when waiting cannot help: a wrong password, a missing schema, a
     * standby, an address in use.
     */
    public static Mono<Service> start(Config config, Setup setup) {
        return Mono.defer(() -> {
            Meters meters = new Meters(setup.version());
            Relay relay = new Relay(meters, setup.listeners());
            Database database = new Database(config.database());
            Starting starting = new Starting(config, setup, meters, relay, database);
            relay.emit(new Event.Starting(setup.name(), config.database().url().place()));
            return Schema.verify(database)
                    .doOnError(error -> relay.emit(new Event.CutOff(DatabaseFailure.reason(error), Bridge.MAX_BACKOFF)))
                    .retryWhen(whileAway())
                    .flatMap(starting::wire)
                    .onErrorResume(error -> database.close().then(Mono.error(error)));
        });
    }

    /** The bridge itself. */
    public Bridge bridge() {
        return bridge;
    }

    /** The port of {@code --admin}. */
    public int adminPort() {
        return servers.get(0).port();
    }

    /** Drains and closes everything. */
    public Mono<Void> stop() {
        return bridge.stop()
                .then(sender.close())
                .then(database.close().onErrorComplete())
                .then(Flux.fromIterable(servers).concatMap(AdminServer::close).then());
    }

    private static Retry whileAway() {
        return Retry.backoff(Long.MAX_VALUE, Duration.ofMillis(200))
                .maxBackoff(Bridge.MAX_BACKOFF)
                .jitter(0.5)
                .filter(error -> !(error instanceof NotReadyException)
                        && !DatabaseFailure.loginRefused(error)
                        && DatabaseFailure.away(error));
    }

    private record Starting(Config config, Setup setup, Meters meters, Relay relay, Database database) {

        Mono<Service> wire(String encoding) {
            UUID replica = UUID.randomUUID();
            RequestQueue queue = new RequestQueue(
                    database,
                    replica,
                    config.database().lease(),
                    config.delivery().maxRequestBytes(),
                    encoding);
            Replicas replicas = new Replicas(database, replica, setup.name(), setup.version());
            Bell bell = new Bell(config.database().listenUrl(), Bridge.MAX_BACKOFF, relay);
            HttpSender sender = new HttpSender(
                    config.delivery(), new EgressRules(config.egress()), setup.version(), relay, setup.tls());
            Bridge bridge = new Bridge(config, setup.name(), database, queue, replicas, bell, sender, relay);
            relay.bridge = bridge;
            meters.watch(bridge);
            return servers(bridge).map(servers -> {
                bridge.start();
                return new Service(database, sender, bridge, servers);
            });
        }

        private Mono<List<AdminServer>> servers(Bridge bridge) {
            Mono<AdminServer> admin = AdminServer.local(config.admin().address(), bridge.health(), meters)
                    .onErrorMap(
                            error -> new BindException("--admin", config.admin().address(), error));
            HostPort address = config.admin().probes();
            Mono<AdminServer> probes = address == null
                    ? Mono.empty()
                    : AdminServer.probes(address, bridge.health(), meters)
                            .onErrorMap(error -> new BindException("--probes", address, error));
            return admin.concatWith(probes).collectList();
        }
    }

    /** Hands events to the meters, to the bridge's health, and to the listeners. */
    private static final class Relay implements Events {
        private final Events all;
        private volatile @org.jspecify.annotations.Nullable Bridge bridge;

        Relay(Meters meters, List<Events> listeners) {
            List<Events> each = new ArrayList<>();
            each.add(meters);
            each.addAll(listeners);
            this.all = Events.toAll(each);
        }

        @Override
        public void emit(Event event) {
            Bridge now = bridge;
            if (now != null && event instanceof Event.Listening) {
                now.listening(true, "");
            } else if (now != null && event instanceof Event.ListenLost lost) {
                now.listening(false, "not listening: " + lost.reason());
            }
            all.emit(event);
        }
    }
}
