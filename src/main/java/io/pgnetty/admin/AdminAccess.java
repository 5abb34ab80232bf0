package io.pgnetty.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.pgnetty.config.Config;
import io.pgnetty.config.HostName;
import io.pgnetty.config.HostPort;
import io.pgnetty.config.TokenFile;
import io.pgnetty.web.Page;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Who may ask the admin server. A page in a browser could be made to ask it under a foreign name (DNS rebinding), so the {@code Host} header
 * must be a name that is expected. Where there is a token, all but probes and the empty page needs it; wrong ones are answered late, and later the more there are.
 */
final class AdminAccess {

    private static final Set<String> PROBES = Set.of("/livez", "/readyz");
    private static final String SCHEME = "Bearer ";

    private static final Duration FIRST_DELAY = Duration.ofMillis(250);

    /** Twice as long for each failure, up to 4 s; one is forgotten with each right answer. */
    private static final int MOST_DOUBLINGS = 4;

    private final @Nullable TokenFile token;
    private final @Nullable Set<String> hosts;
    private final Runnable onFailure;
    private final AtomicInteger failures = new AtomicInteger();

    /** What is answered instead, after which time. */
    record Refusal(HttpResponseStatus status, String text, Duration delay) {}

    private AdminAccess(@Nullable TokenFile token, @Nullable Set<String> hosts, Runnable onFailure) {
        this.token = token;
        this.hosts = hosts;
        this.onFailure = onFailure;
    }

    /**
     * As {@code --admin} is to be asked.
     *
     * @param onFailure told of each wrong token
     */
    static AdminAccess of(Config.Admin config, Runnable onFailure) {
        return new AdminAccess(
                config.tokenFile() == null ? null : new TokenFile(config.tokenFile()), config.hosts(), onFailure);
    }

    /** By everybody, under whatever name they know it: it has nothing that is to be kept from them. */
    static AdminAccess open() {
        return new AdminAccess(null, null, () -> {});
    }

    /** Why a request is not answered; empty where it is. */
    Mono<Refusal> refusal(HttpServerRequest request, String path) {
        HttpHeaders headers = request.requestHeaders();
        if (hosts != null && !isExpected(headers.get(HttpHeaderNames.HOST, ""), hosts)) {
            return Mono.just(new Refusal(
                    HttpResponseStatus.FORBIDDEN,
                    "the Host header must be a loopback name, such as localhost, or one of --admin-host\n",
                    Duration.ZERO));
        }
        if (isAskedByAnotherSite(headers)) {
            return Mono.just(new Refusal(
                    HttpResponseStatus.FORBIDDEN, "asked by another site's page, which may not\n", Duration.ZERO));
        }
        TokenFile expected = token;
        if (expected == null || PROBES.contains(path) || Page.isPublic(path)) {
            return Mono.empty();
        }
        String given = headers.get(HttpHeaderNames.AUTHORIZATION, "");
        // Reads a file.
        return Mono.fromCallable(() -> isRight(given, expected.token()))
                .subscribeOn(Schedulers.boundedElastic())
                .flatMap(right -> right ? granted() : Mono.just(denied(given)));
    }

    private Mono<Refusal> granted() {
        failures.updateAndGet(before -> Math.max(0, before - 1));
        return Mono.empty();
    }

    private Refusal denied(String given) {
        if (given.isEmpty()) {
            return unauthorized(Duration.ZERO);
        }
        onFailure.run();
        int before = failures.getAndUpdate(count -> Math.min(count + 1, MOST_DOUBLINGS));
        return unauthorized(FIRST_DELAY.multipliedBy(1L << before));
    }

    private static Refusal unauthorized(Duration delay) {
        return new Refusal(
                HttpResponseStatus.UNAUTHORIZED,
                "needs the token of --admin-token-file: Authorization: Bearer ...\n",
                delay);
    }

    /** Takes as long for each that is wrong: digests are compared, all of them. */
    private static boolean isRight(String given, Optional<String> expected) {
        byte[] right = digest(SCHEME + expected.orElse(""));
        boolean isSame = MessageDigest.isEqual(digest(given), right);
        return isSame && expected.isPresent();
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each JVM has SHA-256", e);
        }
    }

    /** A browser says so of what a page loads; a link to here may be followed from anywhere. */
    private static boolean isAskedByAnotherSite(HttpHeaders headers) {
        String site = headers.get("Sec-Fetch-Site", "none");
        return !site.equals("none")
                && !site.equals("same-origin")
                && !headers.get("Sec-Fetch-Mode", "").equals("navigate");
    }

    private static boolean isExpected(String host, Set<String> hosts) {
        int colon = host.lastIndexOf(':');
        String name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
        String bare = name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
        return new HostPort(bare, 0).isLoopback()
                || HostName.canonical(name).filter(hosts::contains).isPresent();
    }
}
