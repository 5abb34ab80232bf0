package io.pgnetty.junit;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** An HTTP server on this machine that keeps what it gets, and answers as it is told; a path that nobody set is answered with 200. */
public final class RecordingTarget {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Map<String, Function<Received, @Nullable Answer>> answers = new ConcurrentHashMap<>();
    private final List<Received> received = new ArrayList<>();
    private final LinkedBlockingQueue<Received> untaken = new LinkedBlockingQueue<>();
    private final DisposableServer server;
    private volatile Sinks.Empty<Void> hurry = Sinks.empty();

    RecordingTarget() {
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> request.receive()
                        .aggregate()
                        .asByteArray()
                        .defaultIfEmpty(new byte[0])
                        .flatMap(body -> answer(record(request, body), response)))
                .bindNow();
    }

    /** Its URL with a path, such as {@code /hooks}; with an empty one, what paths are appended to. */
    public String url(String path) {
        return "http://" + host() + (path.isEmpty() ? "" : rooted(path));
    }

    /** As requests name it: with its port. */
    String host() {
        return "127.0.0.1:" + server.port();
    }

    /** Sets what a path, without its query, answers: these in turn; the last one goes on. */
    public void answer(String path, Answer first, Answer... more) {
        List<Answer> turns = new ArrayList<>(List.of(more));
        turns.add(0, first);
        AtomicInteger turn = new AtomicInteger();
        answer(path, request -> turns.get(Math.min(turn.getAndIncrement(), turns.size() - 1)));
    }

    /** Sets what a path, without its query, answers to each request; called on the server's own threads, where nothing may wait. */
    public void answer(String path, Function<Received, @Nullable Answer> answer) {
        answers.put(rooted(path), answer);
    }

    /** What has arrived since the test began, in that order. */
    public List<Received> received() {
        synchronized (received) {
            return List.copyOf(received);
        }
    }

    /**
     * The next request that none of these calls has given yet; waits for it for 10 s.
     *
     * @throws AssertionError if there is none
     */
    public Received take() {
        return take(PATIENCE);
    }

    /**
     * The next request that none of these calls has given yet.
     *
     * @param timeout how long to wait for it
     * @throws AssertionError if there is none
     */
    public Received take(Duration timeout) {
        try {
            Received next = untaken.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (next == null) {
                throw new AssertionError("no request arrived within " + Requests.seconds(timeout) + "; so far: "
                        + received() + ". awaitAll() and view net.requests say what became of those that were queued.");
            }
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for a request", e);
        }
    }

    /** Sends at once what is to be answered later. */
    void hurry() {
        Sinks.Empty<Void> waiting = hurry;
        hurry = Sinks.empty();
        waiting.tryEmitEmpty().orThrow();
    }

    /** Forgets what it got and how it was to answer. */
    void reset() {
        answers.clear();
        synchronized (received) {
            received.clear();
            untaken.clear();
        }
    }

    void close() {
        server.disposeNow();
    }

    private static String rooted(String path) {
        return path.startsWith("/") ? path : "/" + path;
    }

    private Received record(HttpServerRequest request, byte[] body) {
        Map<String, List<String>> headers = new TreeMap<>();
        request.requestHeaders()
                .forEach(header -> headers.computeIfAbsent(
                                header.getKey().toLowerCase(Locale.ROOT), name -> new ArrayList<>())
                        .add(header.getValue()));
        Received arrived = new Received(request.method().name(), request.uri(), headers, body);
        synchronized (received) {
            received.add(arrived);
            untaken.add(arrived);
        }
        return arrived;
    }

    /** One that throws is seen where the test looks: in the response. */
    private static Answer apply(Function<Received, @Nullable Answer> set, Received request) {
        try {
            Answer answer = set.apply(request);
            return answer == null ? failed("has returned null") : answer;
        } catch (RuntimeException e) {
            return failed("has thrown " + e);
        }
    }

    private static Answer failed(String how) {
        return Answer.of(HttpResponseStatus.INTERNAL_SERVER_ERROR.code(), "the test's function " + how);
    }

    private Mono<Void> answer(Received request, HttpServerResponse response) {
        String path = request.path().replaceFirst("[?].*", "");
        Function<Received, @Nullable Answer> set = answers.get(path);
        Answer answer = set == null ? Answer.of(HttpResponseStatus.OK.code()) : apply(set, request);
        answer.headers().forEach(response::header);
        response.status(HttpResponseStatus.valueOf(answer.status()));
        Mono<Void> sent = answer.body().isEmpty()
                ? response.send()
                : response.sendString(Mono.just(answer.body())).then();
        return answer.delay().isZero()
                ? sent
                : Mono.firstWithSignal(Mono.delay(answer.delay()).then(), hurry.asMono())
                        .then(sent);
    }
}
