package io.pgnetty.admin;

import java.util.Map;
import reactor.netty.http.server.HttpServerResponse;

/** What tells a browser to run nothing, and to show nothing within other pages. */
final class SecurityHeaders {

    private static final Map<String, String> ALWAYS = Map.of(
            "Content-Security-Policy",
                    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
            "X-Content-Type-Options", "nosniff",
            "X-Frame-Options", "DENY",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Cross-Origin-Opener-Policy", "same-origin");

    private SecurityHeaders() {}

    /** Adds them to a response. */
    static void add(HttpServerResponse response, boolean overTls) {
        ALWAYS.forEach(response::header);
        if (overTls) {
            response.header("Strict-Transport-Security", "max-age=31536000");
        }
    }
}
