package io.pgnetty.http;

import io.pgnetty.config.Config;
import io.pgnetty.http.egress.EgressRules;
import io.pgnetty.http.egress.PeerEgress;
import io.pgnetty.http.secret.SecretStore;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Header;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Outcome.Failed;
import io.pgnetty.request.Outcome.ForOthers;
import io.pgnetty.request.Outcome.Responded;
import io.pgnetty.request.QueuedRequest;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/**
 * Sends one request and gives its outcome; owns the connections. Never errors: every failure is a value. One deadline
 * covers name resolution, connection, TLS, redirects and reading the body. Cancelling ends the exchange and its connection.
 */
public final class HttpSender {

    private static final int MAX_REDIRECTS = 10;

    /** The share of the heap for response bodies on their way to the database; they are copied a few times on it. */
    private static final int MEMORY_SHARE = 8;

    private final ByteBudget memory = new ByteBudget(Runtime.getRuntime().maxMemory() / MEMORY_SHARE);
    private final Config.Delivery config;
    private final Events events;
    private final String userAgent;
    private final EgressRules rules;
    private final PeerEgress peers;
    private final HttpClients clients;
    private final HopSender hops;
    private final HopSecrets secrets;
    private final HopFailures failures;

    /**
     * What a sender works with beside its configuration.
     *
     * @param version this program's
     * @param secrets who may have which secret of {@code --secrets-dir} and the environment sent where
     * @param tls what to add to the client for https; {@link Config.Targets#tls()} holds without it
     */
    public record Setup(String version, Events events, SecretRules secrets, UnaryOperator<HttpClient> tls) {}

    /**
     * Opens nothing yet; reads files.
     *
     * @throws IllegalArgumentException where a file for TLS is wrong
     */
    public HttpSender(Config.Delivery config, Config.Targets targets, EgressRules rules, Setup setup) {
        this.config = config;
        this.events = setup.events();
        this.userAgent = "pgnetty/" + setup.version();
        this.rules = rules;
        this.peers = new PeerEgress(rules);
        boolean byName = targets.proxy() != null && targets.proxy().isTrusted();
        SecretStore store = new SecretStore(targets.secretsDir(), System.getenv());
        this.clients =
                new HttpClients(config, targets, store, new EgressGuard(rules, peers, byName), events, setup.tls());
        this.secrets = new HopSecrets(store, setup.secrets());
        this.failures = new HopFailures(rules, events);
        this.hops = new HopSender(clients, new ResponseReader(config.maxResponseBytes()), events);
    }

    /** A request under way. */
    private record Exchange(QueuedRequest request, HopSender.Sent sent, HopGate gate) {

        /** Whether another bridge may have it: not when it was sent, and led elsewhere by a redirect. */
        boolean isUnsent() {
            return sent.isUnsent();
        }

        boolean mayGoOn() {
            return sent.mayGoOn().getAsBoolean();
        }
    }

    /**
     * Sends a request once and follows its redirects.
     *
     * @param mayGoOn asked before each hop, and once more when its connection is there and nothing is written yet; when it
     *     says no, nothing more is sent
     * @param gate asked before a redirect leads to another host
     * @param memory what its response may take of {@link #memory()}; the caller closes it when the response is out of memory
     * @return the outcome; empty when it was not to go on
     */
    public Mono<Outcome> send(
            QueuedRequest request, BooleanSupplier mayGoOn, HopGate gate, ByteBudget.Reservation memory) {
        if (request.bodyTooLarge()) {
            return Mono.just(new Failed(
                    FailureKind.TOO_LARGE,
                    "Request body of " + request.bodyBytes() + " bytes is larger than " + config.maxRequestBytes()
                            + " bytes (--max-request-bytes)"));
        }
        String problem = request.problem();
        if (problem != null) {
            return Mono.just(new Failed(FailureKind.INVALID, problem));
        }
        return Mono.defer(() -> {
            RequestTimings phases = new RequestTimings();
            Hop first;
            try {
                first = RequestHeaders.firstHop(request, userAgent);
            } catch (IllegalArgumentException e) {
                return Mono.just(new Failed(FailureKind.INVALID, String.valueOf(e.getMessage())));
            }
            HopSender.Sent sent =
                    new HopSender.Sent(Event.Subject.of(request), mayGoOn, memory, phases, new AtomicBoolean());
            return follow(new Exchange(request, sent, gate), first, 0)
                    .timeout(request.timeout())
                    .onErrorResume(
                            TimeoutException.class,
                            e -> Mono.just(new Failed(
                                    FailureKind.TIMEOUT,
                                    phases.timeout(request.timeout().toMillis()))));
        });
    }

    /** The memory for response bodies, over all requests. */
    public ByteBudget memory() {
        return memory;
    }

    /** The rules of other bridges, where they differ: what they may send is not failed here. */
    public PeerEgress peers() {
        return peers;
    }

    /** Closes all connections. */
    public Mono<Void> close() {
        secrets.close();
        rules.close();
        return clients.close();
    }

    private Mono<Outcome> follow(Exchange exchange, Hop hop, int redirects) {
        if (!exchange.mayGoOn()) {
            return Mono.empty();
        }
        Optional<String> refusal = refusalByName(rules, hop);
        if (refusal.isPresent()) {
            if (exchange.isUnsent()
                    && peers.anyAllows(others -> refusalByName(others, hop).isEmpty())) {
                return Mono.just(new ForOthers(refusal.get()));
            }
            events.emit(
                    new Event.EgressDenied(hop.target().host(), hop.target().port(), "not looked up", refusal.get()));
            return Mono.just(new Failed(FailureKind.EGRESS_DENIED, refusal.get()));
        }
        return Mono.defer(() -> secrets.into(hop, exchange.request()))
                .flatMap(ready -> hops.send(ready, exchange.sent()))
                // What fails after that is not the target's fault.
                .onErrorResume(
                        error -> exchange.mayGoOn() ? failures.of(error, hop.target(), exchange.sent()) : Mono.empty())
                .flatMap(outcome -> outcome instanceof Responded response && Hop.isRedirect(response.status())
                        ? afterRedirect(exchange, hop, response, redirects)
                        : Mono.just(outcome));
    }

    private static Optional<String> refusalByName(EgressRules rules, Hop hop) {
        return hop.targets().stream()
                .flatMap(place -> rules.refusalByName(place.host(), place.port()).stream())
                .findFirst();
    }

    private Mono<Outcome> afterRedirect(Exchange exchange, Hop hop, Responded response, int redirects) {
        String location = Header.first(response.headers(), "location");
        if (location == null || location.isBlank()) {
            return Mono.just(response);
        }
        String host = hop.target().authority();
        if (redirects == MAX_REDIRECTS) {
            return Mono.just(new Failed(
                    FailureKind.REDIRECT, "Gave up after " + MAX_REDIRECTS + " redirects, the last by " + host));
        }
        Hop next;
        try {
            next = hop.redirected(response.status(), location);
        } catch (IllegalArgumentException e) {
            return Mono.just(
                    new Failed(FailureKind.REDIRECT, "Redirect of " + host + " cannot be followed: " + e.getMessage()));
        }
        return redirected(exchange, hop, next, redirects + 1);
    }

    /** Whether the next host is paused, and what its rule says, is asked where it is another one. */
    private Mono<Outcome> redirected(Exchange exchange, Hop from, Hop next, int redirects) {
        String host = next.target().authority();
        if (host.equals(from.target().authority())) {
            return follow(exchange, next, redirects);
        }
        return exchange.gate()
                .enter(host)
                .flatMap(problem -> problem.isEmpty()
                        ? follow(exchange, next, redirects)
                        : Mono.just(new Failed(
                                FailureKind.REDIRECT,
                                "Redirect of " + from.target().authority() + " leads to " + host + ", "
                                        + problem.get())));
    }
}
