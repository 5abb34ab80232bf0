package io.pgnetty.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Takes libpq's connection URI apart (PostgreSQL documentation, section 34.1.1.2). Quotes none of it: it may be a piece of the password. */
final class ConnectionUri {

    private static final String NOT_ENCODED = "; in a password write / as %2F, ? as %3F, # as %23, @ as %40, % as %25";

    private final Map<String, String> parameters = new LinkedHashMap<>();

    private ConnectionUri() {}

    /**
     * The parameters by libpq's names; several hosts and their ports with commas between.
     *
     * @throws IllegalArgumentException with a text for the operator, without the password
     */
    static Map<String, String> parameters(String text) {
        ConnectionUri uri = new ConnectionUri();
        uri.read(withoutScheme(text));
        return uri.parameters;
    }

    /** An error in a place where a character of the password may have been read as something else. */
    static IllegalArgumentException notEncoded(String problem) {
        return new IllegalArgumentException(problem + NOT_ENCODED);
    }

    private static String withoutScheme(String text) {
        if (text.startsWith("jdbc:") || text.startsWith("r2dbc:")) {
            throw new IllegalArgumentException(
                    "is a Java URL: leave out \"" + text.substring(0, text.indexOf(':') + 1) + "\"");
        }
        int scheme = text.indexOf("://");
        String name = scheme < 0 ? "" : text.substring(0, scheme);
        if (name.matches("postgres(ql)?\\+[a-z0-9]+")) {
            throw new IllegalArgumentException(
                    "names a driver of another language: leave out \"" + name.substring(name.indexOf('+')) + "\"");
        }
        if (text.matches("(?s)\\s*[a-z_]+\\s*=.*")) {
            throw new IllegalArgumentException("is a list of keywords and values: write it as "
                    + "postgresql://user:password@host:port/db?keyword=value&...");
        }
        if (!name.matches("postgres(ql)?")) {
            throw new IllegalArgumentException("must look like postgresql://user:password@host:port/db");
        }
        return text.substring(scheme + 3);
    }

    private void read(String text) {
        String rest = text;
        if (rest.lastIndexOf('@') > authorityEnd(rest)) {
            throw notEncoded("has an @ after its host");
        }
        int query = rest.indexOf('?');
        String pairs = query < 0 ? "" : rest.substring(query + 1);
        rest = query < 0 ? rest : rest.substring(0, query);
        int slash = rest.indexOf('/');
        if (slash >= 0) {
            put("dbname", decode(rest.substring(slash + 1)));
            rest = rest.substring(0, slash);
        }
        int at = rest.lastIndexOf('@');
        if (at >= 0) {
            login(rest.substring(0, at));
            rest = rest.substring(at + 1);
        }
        addresses(rest);
        // Last, as in libpq: they outrank what stands before them.
        pairs(pairs);
    }

    private void login(String login) {
        int colon = login.indexOf(':');
        put("user", decode(colon < 0 ? login : login.substring(0, colon)));
        if (colon >= 0) {
            put("password", decode(login.substring(colon + 1)));
        }
    }

    private void addresses(String text) {
        List<String> hosts = new ArrayList<>();
        List<String> ports = new ArrayList<>();
        for (String address : text.split(",", -1)) {
            boolean isBracketed = address.startsWith("[") && address.indexOf(']') > 0;
            int colon = isBracketed ? address.indexOf(':', address.indexOf(']')) : address.indexOf(':');
            String host = colon < 0 ? address : address.substring(0, colon);
            hosts.add(decode(isBracketed ? host.substring(1, address.indexOf(']')) : host));
            ports.add(colon < 0 ? "" : address.substring(colon + 1));
        }
        put("host", String.join(",", hosts), ",");
        put("port", String.join(",", ports), ",");
    }

    private void pairs(String query) {
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            } else if (!pair.isEmpty()) {
                throw notEncoded("has a parameter without a value");
            }
        }
    }

    /** Where the part with user, password, host and port ends. */
    private static int authorityEnd(String rest) {
        int end = rest.length();
        for (char delimiter : new char[] {'/', '?', '#'}) {
            int at = rest.indexOf(delimiter);
            end = at >= 0 ? Math.min(end, at) : end;
        }
        return end;
    }

    private void put(String key, String value) {
        put(key, value, "");
    }

    private void put(String key, String value, String separator) {
        if (!value.replace(separator, "").isEmpty()) {
            parameters.put(key, value);
        }
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // Its own message would quote the text, which may be the password.
            throw new IllegalArgumentException(
                    "has a % that no two hexadecimal digits follow: write %25 for the sign itself");
        }
    }
}
