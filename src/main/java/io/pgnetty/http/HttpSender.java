package io.pgnetty.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.util.AsciiString;
import io.pgnetty.config.Config;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Header;
import io.pgnetty.request.Methods;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Outcome.Failed;
import io.pgnetty.request.Outcome.Responded;
import io.pgnetty.request.QueuedRequest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;

/**
 * Sends one request and gives its outcome; owns the connections. Never errors: every failure is a value. One deadline
 * covers name resolution, connection, TLS, redirects and reading the body. Cancelling ends the exchange and its connection.
 */
public final class HttpSender {

    private static final int MAX_REDIRECTS = 10;

    /** A redirect's body is of no use; one larger than this costs the connection instead of the time. */
    private static final long MAX_REDIRECT_BODY = 64 << 10;

    /** Below the 5 s after which common servers drop an idle connection, so that we do so first. */
    private static final Duration MAX_IDLE = Duration.ofSeconds(4);

    private static final int MAX_HEADER_BYTES = 64 << 10;
    private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

    /** The share of the heap for response bodies on their way to the database; they are copied a few times on it. */
    private static final int MEMORY_SHARE = 8;

    private final ByteBudget memory = new ByteBudget(Runtime.getRuntime().maxMemory() / MEMORY_SHARE);
    private final Config.Delivery config;
    private final Events events;
    private final String userAgent;
    private final EgressRules rules;
    private final ConnectionProvider connections;
    private final HttpClient client;

    /**
     * Opens nothing yet.
     *
     * @param tls what to add to the client for https; the JVM's trust store and host name checks hold without it
     */
    public HttpSender(
            Config.Delivery config, EgressRules rules, String version, Events events, UnaryOperator<HttpClient> tls) {
        this.config = config;
        this.events = events;
        this.userAgent = "pgnetty/" + version;
        this.rules = rules;
        this.connections = ConnectionProvider.builder("pgnetty-http")
                .maxConnections(config.concurrency())
                .pendingAcquireMaxCount(config.concurrency())
                .pendingAcquireTimeout(Duration.ofHours(1))
                .maxIdleTime(MAX_IDLE)
                .lifo()
                .evictInBackground(Duration.ofSeconds(1))
                .disposeInactivePoolsInBackground(Duration.ofSeconds(30), Duration.ofSeconds(30))
                .build();
        EgressGuard guard = new EgressGuard(rules, events);
        this.client = tls.apply(HttpClient.create(connections)
                .disableRetry(true)
                .followRedirect(false)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 60_000)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .httpResponseDecoder(
                        spec -> spec.maxInitialLineLength(MAX_HEADER_BYTES).maxHeaderSize(MAX_HEADER_BYTES))
                .resolvedAddressesSelector((clientConfig, addresses) -> Candidate.mark(addresses))
                .doOnChannelInit(
                        (observer, channel, remote) -> channel.pipeline().addFirst(guard))
                // Set once: the pool runs these with the client that opened it, so the request comes by its context.
                .doOnResolve(connection -> Phases.of(connection).ifPresent(Phases::resolving))
                .doAfterResolve((connection, address) -> Phases.of(connection).ifPresent(Phases::resolved))
                .doOnConnected(connection -> {
                    connection.addHandlerLast(new InformationalResponses());
                    ResponseBounds.addTo(connection);
                }));
    }

    /** A request under way. */
    private record Exchange(
            long id, BooleanSupplier mayGoOn, HopGate gate, ByteBudget.Reservation memory, Phases phases) {}

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
            Phases phases = new Phases();
            Hop first;
            try {
                first = firstHop(request);
            } catch (IllegalArgumentException e) {
                return Mono.just(new Failed(FailureKind.INVALID, String.valueOf(e.getMessage())));
            }
            return follow(new Exchange(request.id(), mayGoOn, gate, memory, phases), first, 0)
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

    /** Closes all connections. */
    public Mono<Void> close() {
        return connections.disposeLater();
    }

    private Mono<Outcome> follow(Exchange exchange, Hop hop, int redirects) {
        if (!exchange.mayGoOn().getAsBoolean()) {
            return Mono.empty();
        }
        Optional<String> refusal = hop.places().stream()
                .flatMap(place -> rules.refusalByName(place.host(), place.port()).stream())
                .findFirst();
        if (refusal.isPresent()) {
            events.emit(
                    new Event.EgressDenied(hop.target().host(), hop.target().port(), "not looked up", refusal.get()));
            return Mono.just(new Failed(FailureKind.EGRESS_DENIED, refusal.get()));
        }
        return Mono.defer(() -> exchange(hop, exchange))
                // What fails after that is not the target's fault.
                .onErrorResume(error -> exchange.mayGoOn().getAsBoolean()
                        ? Mono.just(failed(exchange.id(), error, hop.target()))
                        : Mono.empty())
                .flatMap(outcome -> {
                    if (!(outcome instanceof Responded response) || !Hop.isRedirect(response.status())) {
                        return Mono.just(outcome);
                    }
                    String location = first(response.headers(), "location");
                    if (location == null) {
                        return Mono.just(outcome);
                    }
                    if (redirects == MAX_REDIRECTS) {
                        return Mono.just(new Failed(
                                FailureKind.REDIRECT,
                                "Gave up after " + MAX_REDIRECTS + " redirects, the last by "
                                        + hop.target().authority()));
                    }
                    Hop next;
                    try {
                        next = hop.redirected(response.status(), location);
                    } catch (IllegalArgumentException e) {
                        return Mono.just(new Failed(
                                FailureKind.REDIRECT,
                                "Redirect of " + hop.target().authority() + " cannot be followed: " + e.getMessage()));
                    }
                    return redirected(exchange, hop, next, redirects + 1);
                });
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

    private Failed failed(long id, Throwable error, Target target) {
        Failed failed = Failures.of(error, target);
        if (failed.kind() == FailureKind.OTHER) {
            events.emit(new Event.Unexplained(id, error));
        }
        return failed;
    }

    private Mono<Outcome> exchange(Hop hop, Exchange exchange) {
        Phases phases = exchange.phases();
        phases.hopStarts();
        HttpClient.RequestSender sender = client.doOnRequest((request, connection) -> {
                    if (!exchange.mayGoOn().getAsBoolean()) {
                        connection.dispose();
                    }
                    phases.requested();
                })
                .headers(headers -> fill(headers, hop))
                .request(HttpMethod.valueOf(hop.method()))
                .uri(hop.target().url());
        byte[] body = hop.body();
        HttpClient.ResponseReceiver<?> receiver =
                body == null ? sender : sender.send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(body)));
        return receiver.response((response, content) -> read(hop, response, content, exchange.memory()))
                .next()
                .contextWrite(context -> phases.into(context).put(Target.class, hop.target()));
    }

    private Mono<Outcome> read(
            Hop hop, HttpClientResponse response, ByteBufFlux content, ByteBudget.Reservation memory) {
        int status = response.status().code();
        List<Header> headers = new ArrayList<>(response.responseHeaders().size());
        response.responseHeaders().forEach(entry -> headers.add(new Header(entry.getKey(), text(entry.getValue()))));
        if (Hop.isRedirect(status) && first(headers, "location") != null) {
            return new BodyCollector(MAX_REDIRECT_BODY, MAX_REDIRECT_BODY, headBytes(headers), memory)
                    .collect(content)
                    .onErrorReturn(BodyTooLargeException.class, new byte[0])
                    // The next hop waits for memory of its own, and must hold none meanwhile.
                    .doOnNext(body -> memory.settle(0))
                    .map(body -> new Responded(status, null, headers, body));
        }
        String length = response.responseHeaders().get(HttpHeaderNames.CONTENT_LENGTH);
        long limit = config.maxResponseBytes();
        boolean announced =
                length != null && length.matches("[0-9]{1,18}") && !hop.method().equals("HEAD");
        long expected = announced ? Long.parseLong(String.valueOf(length)) : limit;
        if (expected > limit) {
            return Mono.error(new BodyTooLargeException(limit));
        }
        return new BodyCollector(limit, expected, headBytes(headers), memory)
                .collect(content)
                .map(body -> new Responded(status, first(headers, "content-type"), headers, body));
    }

    private static long headBytes(List<Header> headers) {
        return headers.stream()
                .mapToLong(header -> ResponseBounds.FIELD_BYTES
                        + header.name().length()
                        + header.value().length())
                .sum();
    }

    private Hop firstHop(QueuedRequest request) {
        List<Header> headers = new ArrayList<>(request.headers());
        if (first(headers, "user-agent") == null) {
            headers.add(new Header("User-Agent", userAgent));
        }
        if (first(headers, "idempotency-key") == null) {
            headers.add(new Header("Idempotency-Key", request.idempotencyKey().toString()));
        }
        headers.forEach(HttpSender::check);
        Target target = Target.parse(request.url());
        if (headers.stream().filter(HttpSender::isHost).count() > 1) {
            throw new IllegalArgumentException("headers: Host is given more than once");
        }
        headers.stream().filter(HttpSender::isHost).forEach(header -> target.withHost(header.value()));
        return new Hop(
                Methods.registeredOr(request.method(), request.method()), target, List.copyOf(headers), request.body());
    }

    private static boolean isHost(Header header) {
        return header.name().equalsIgnoreCase("host");
    }

    /** The queue's gate has checked it; this is the last place before the wire, and Netty does not look again. */
    private static void check(Header header) {
        if (HttpHeaderValidationUtil.validateToken(header.name()) != -1
                || HttpHeaderValidationUtil.validateValidHeaderValue(raw(header.value())) != -1) {
            throw new IllegalArgumentException(
                    "headers: \"" + header.name() + "\" has a character that HTTP does not allow");
        }
    }

    private static void fill(HttpHeaders headers, Hop hop) {
        for (Header header : hop.headers()) {
            headers.add(header.name(), raw(header.value()));
        }
        if (!headers.contains(HttpHeaderNames.HOST)) {
            headers.set(HttpHeaderNames.HOST, hop.target().authority());
        }
        byte[] body = hop.body();
        if (body != null) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        } else if (WITH_BODY.contains(hop.method())) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, 0);
        }
    }

    /** As bytes: Netty would write a character beyond ASCII as a question mark. */
    private static AsciiString raw(String value) {
        return new AsciiString(value.getBytes(StandardCharsets.UTF_8), false);
    }

    /** Netty reads header bytes as Latin-1; most of those beyond ASCII are UTF-8. */
    private static String text(String latin1) {
        if (latin1.chars().allMatch(c -> c < 128)) {
            return latin1;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(latin1.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            return latin1;
        }
    }

    private static @Nullable String first(List<Header> headers, String name) {
        for (Header header : headers) {
            if (header.name().equalsIgnoreCase(name)) {
                return header.value();
            }
        }
        return null;
    }
}
