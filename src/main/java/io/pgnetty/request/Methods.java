package io.pgnetty.request;

import java.util.Locale;
import java.util.Set;

/** The methods that HTTP itself registers (RFC 9110, section 9, and RFC 5789). */
public final class Methods {

    private static final Set<String> REGISTERED =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

    private Methods() {}

    /** Whether it changes nothing at its target (RFC 9110, section 9.2.1). */
    public static boolean isSafe(String method) {
        return SAFE.contains(method.toUpperCase(Locale.ROOT));
    }

    /** A registered method in upper case, whatever case it was queued in; any other as {@code otherwise} has it. */
    public static String registeredOr(String method, String otherwise) {
        String upper = method.toUpperCase(Locale.ROOT);
        return REGISTERED.contains(upper) ? upper : otherwise;
    }
}
