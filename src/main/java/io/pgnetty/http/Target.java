package io.pgnetty.http;

import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An http or https URL, taken apart once.
 *
 * @param scheme {@code http} or {@code https}
 * @param host lower-case ASCII name, or an IP literal without brackets
 * @param port 1 to 65535
 * @param pathAndQuery begins with a slash; as written, but for characters that a URI cannot hold, which are
 *     percent-encoded as UTF-8; no fragment
 */
record Target(String scheme, String host, int port, String pathAndQuery) {

    private static final Pattern URL =
            Pattern.compile("(?is)(https?)://(\\[[0-9a-f:.]+]|[^/?#@:\\[\\]\\\\]+)(?::([0-9]{0,5}))?([/?#].*)?");
    private static final String URI_CHARACTERS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?@!$&'()*+,;=%[]";

    /**
     * Parses an absolute URL.
     *
     * @throws IllegalArgumentException with a text for the one who queued the request
     */
    static Target parse(String url) {
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("url is no absolute http or https URL with a host and no user info");
        }
        String scheme = matcher.group(1).toLowerCase(Locale.ROOT);
        String portText = matcher.group(3);
        int port =
                portText == null || portText.isEmpty() ? "https".equals(scheme) ? 443 : 80 : Integer.parseInt(portText);
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("url has a port outside 1 to 65535");
        }
        return new Target(scheme, host(matcher.group(2)), port, pathAndQuery(matcher.group(4)));
    }

    /**
     * The URL that a Location header leads to (RFC 3986, section 5.2).
     *
     * @throws IllegalArgumentException when it leads to none that can be followed
     */
    Target resolve(String location) {
        String reference = encode(location.strip());
        if (reference.matches("(?i)https?://.*")) {
            return parse(reference);
        }
        try {
            return parse(new URI(url()).resolve(new URI(reference)).toString());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("its Location is no URL", e);
        }
    }

    /** The URL, without a fragment. */
    String url() {
        return scheme + "://" + authority() + pathAndQuery;
    }

    /** Host and port as they stand in a URL and in messages; the port only where it is not the scheme's own. */
    String authority() {
        String literal = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return port == ("https".equals(scheme) ? 443 : 80) ? literal : literal + ":" + port;
    }

    /** Whether both have the same origin (RFC 6454): scheme, host and port. */
    boolean sameOrigin(Target other) {
        return scheme.equals(other.scheme) && host.equals(other.host) && port == other.port;
    }

    private static String host(String text) {
        if (text.startsWith("[")) {
            return text.substring(1, text.length() - 1).toLowerCase(Locale.ROOT);
        }
        boolean ascii = text.chars().allMatch(c -> c < 128);
        try {
            return (ascii ? text : IDN.toASCII(text)).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("url has no valid host", e);
        }
    }

    private static String pathAndQuery(@org.jspecify.annotations.Nullable String text) {
        String whole = text == null ? "" : text;
        int fragment = whole.indexOf('#');
        String encoded = encode(fragment < 0 ? whole : whole.substring(0, fragment));
        return encoded.startsWith("/") ? encoded : "/" + encoded;
    }

    private static String encode(String text) {
        StringBuilder encoded = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            if (point < 128 && (URI_CHARACTERS.indexOf(point) >= 0 || point == '#')) {
                encoded.append((char) point);
            } else {
                for (byte octet : new String(Character.toChars(point)).getBytes(StandardCharsets.UTF_8)) {
                    encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(octet));
                }
            }
        });
        return encoded.toString();
    }
}
