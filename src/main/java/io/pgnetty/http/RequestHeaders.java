package io.pgnetty.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import io.pgnetty.http.secret.Placeholders;
import io.pgnetty.http.wire.Blanks;
import io.pgnetty.request.Header;
import io.pgnetty.request.Methods;
import io.pgnetty.request.QueuedRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The headers of a request: those of its sender, checked once more, and ours. */
final class RequestHeaders {

    private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

    private RequestHeaders() {}

    /**
     * The request as it goes to its own host.
     *
     * @throws IllegalArgumentException where it cannot be expressed in HTTP
     */
    static Hop firstHop(QueuedRequest request, String userAgent) {
        List<Header> headers = new ArrayList<>(request.headers().size() + 2);
        request.headers().forEach(header -> headers.add(new Header(header.name(), Blanks.without(header.value()))));
        if (Header.first(headers, "user-agent") == null) {
            headers.add(new Header("User-Agent", userAgent));
        }
        if (Header.first(headers, "idempotency-key") == null) {
            headers.add(new Header("Idempotency-Key", request.idempotencyKey().toString()));
        }
        headers.forEach(RequestHeaders::check);
        TargetUrl target = TargetUrl.parse(request.url());
        if (headers.stream().filter(RequestHeaders::isHost).count() > 1) {
            throw new IllegalArgumentException("headers: Host is given more than once");
        }
        headers.stream().filter(RequestHeaders::isHost).forEach(header -> target.withHost(header.value()));
        // So that one that is written wrongly is said.
        Placeholders.ofPathAndQuery(target.pathAndQuery());
        return new Hop(
                Methods.registeredOr(request.method(), request.method()),
                target,
                List.copyOf(headers),
                request.body(),
                request.signWith(),
                Hop.UrlBy.SENDER);
    }

    private static boolean isHost(Header header) {
        return header.name().equalsIgnoreCase("host");
    }

    /** The queue's gate has checked it; this is the last place before the wire, and Netty does not look again. */
    static void check(Header header) {
        if (HttpHeaderValidationUtil.validateToken(header.name()) != -1
                || HttpHeaderValidationUtil.validateValidHeaderValue(raw(header.value())) != -1) {
            throw new IllegalArgumentException(
                    "headers: \"" + header.name() + "\" has a character that HTTP does not allow");
        }
    }

    /** Writes what a hop says, and what frames its body. */
    static void fill(HttpHeaders headers, Hop hop) {
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
}
