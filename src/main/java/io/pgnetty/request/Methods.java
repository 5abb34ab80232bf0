package io.pgnetty.request;

import java.util.Locale;
import java.util.Set;

/** The methods that HTTP itself registers (RFC 9110, section 9, and RFC 5789). */
public final class Methods {

    private static final Set<String> REGISTERED =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

    private Methods() {}

    /** A registered method in upper case, whatever case it was queued in; any other as {@code otherwise} has it. */
    public static String registeredOr(String method, String otherwise) {
        String upper = method.toUpperCase(Locale.ROOT);
        return REGISTERED.contains(upper) ? upper : otherwise;
    }
}
