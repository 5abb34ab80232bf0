package io.pgnetty.http;

import io.pgnetty.http.secret.Placeholders;
import io.pgnetty.request.Header;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP exchange on the way of a request: the first, or one that a redirect asked for.
 *
 * @param method as it goes over the wire
 * @param target where to
 * @param headers those of the request that may go there
 * @param body null for none
 * @param signWith the secret that signs it, or null
 * @param url whose the URL is
 */
record Hop(
        String method,
        TargetUrl target,
        List<Header> headers,
        byte @Nullable [] body,
        @Nullable String signWith,
        UrlBy url) {

    private static final Set<Integer> REDIRECTS = Set.of(300, 301, 302, 303, 307, 308);
    private static final Set<String> OF_THE_BODY =
            Set.of("content-type", "content-encoding", "content-language", "content-location");

    /** Who has written a URL. */
    enum UrlBy {
        /** The role that queued. */
        SENDER,
        /** A target, in a redirect; it names no secrets. */
        TARGET,
        /** A target that may have written a secret into it, as it was sent one in its own. */
        TARGET_WITH_SECRET
    }

    static boolean isRedirect(int status) {
        return REDIRECTS.contains(status);
    }

    /**
     * The exchange that a redirect asks for, as browsers do it (Fetch, "HTTP-redirect fetch") and RFC 9110, section 15.4,
     * allows: 303 turns any method but GET and HEAD into GET, 301 and 302 only POST; 300, 307 and 308 keep method and body.
     *
     * @throws IllegalArgumentException when the location cannot be followed
     */
    Hop redirected(int status, String location) {
        TargetUrl next = target.resolve(location);
        boolean toGet = status == 303
                ? !method.equals("GET") && !method.equals("HEAD")
                : (status == 301 || status == 302) && method.equals("POST");
        boolean sameOrigin = target.sameOrigin(next);
        boolean toldSecret = url == UrlBy.TARGET_WITH_SECRET || !secretsOfUrl().isEmpty();
        if (toldSecret && !sameOrigin) {
            throw new IllegalArgumentException("it leads to another origin, and the URL has a secret");
        }
        List<Header> kept = headers.stream()
                .filter(header -> !toGet || !OF_THE_BODY.contains(lower(header)))
                .filter(header -> sameOrigin || crossesOrigins(header))
                .toList();
        return new Hop(
                toGet ? "GET" : method,
                next,
                kept,
                toGet ? null : body,
                sameOrigin ? signWith : null,
                toldSecret ? UrlBy.TARGET_WITH_SECRET : UrlBy.TARGET);
    }

    /** The secrets that the URL names: none in what a target has written. */
    Set<String> secretsOfUrl() {
        return url == UrlBy.SENDER ? Placeholders.ofPathAndQuery(target.pathAndQuery()) : Set.of();
    }

    /** The same with its secrets. */
    Hop with(TargetUrl otherTarget, List<Header> otherHeaders) {
        return new Hop(method, otherTarget, List.copyOf(otherHeaders), body, signWith, url);
    }

    /** The places that the exchange names: where it goes, and what its {@code Host} header says. */
    List<TargetUrl> targets() {
        return headers.stream()
                .filter(header -> lower(header).equals("host"))
                .findFirst()
                .map(header -> List.of(target, target.withHost(header.value())))
                .orElseGet(() -> List.of(target));
    }

    /** Without what may be secret. */
    @Override
    public String toString() {
        return method + " " + target.authority();
    }

    private static boolean crossesOrigins(Header header) {
        return !lower(header).equals("host")
                && !CredentialNames.contain(lower(header))
                && Placeholders.ofHeader(header.value()).isEmpty();
    }

    private static String lower(Header header) {
        return header.name().toLowerCase(Locale.ROOT);
    }
}
