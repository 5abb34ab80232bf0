package io.pgnetty.http;

import io.pgnetty.config.HostName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
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
record TargetUrl(String scheme, String host, int port, String pathAndQuery) {

    private static final Pattern URL =
            Pattern.compile("(?is)(https?)://(\\[[0-9a-f:.]+]|[^/?#@:\\[\\]\\\\]+)(?::(0*)([0-9]{0,5}))?([/?#].*)?");
    private static final String URI_CHARACTERS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?@!$&'()*+,;=%[]";

    /**
     * Parses an absolute URL.
     *
     * @throws IllegalArgumentException with a text for the role that queued the request
     */
    static TargetUrl parse(String url) {
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "url must be an absolute http or https URL with a host and without user info");
        }
        String scheme = matcher.group(1).toLowerCase(Locale.ROOT);
        boolean zeros = matcher.group(3) != null && !matcher.group(3).isEmpty();
        String digits = matcher.group(4) == null ? "" : matcher.group(4);
        int port = !digits.isEmpty() ? Integer.parseInt(digits) : zeros ? 0 : "https".equals(scheme) ? 443 : 80;
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("url has a port outside 1 to 65535");
        }
        return new TargetUrl(scheme, host(matcher.group(2)), port, pathAndQuery(matcher.group(5)));
    }

    /**
     * The URL that a Location header leads to (RFC 3986, section 5.2). User and password in it are ignored.
     *
     * @throws IllegalArgumentException when it leads to none that can be followed
     */
    TargetUrl resolve(String location) {
        String reference = encode(location.strip()).replaceFirst("#.*", "");
        if (reference.matches("[A-Za-z][A-Za-z0-9+.-]*:.*")) {
            return parse(withoutUserInfo(reference));
        }
        if (reference.startsWith("//")) {
            return parse(withoutUserInfo(scheme + ":" + reference));
        }
        return new TargetUrl(scheme, host, port, merged(reference));
    }

    private static String withoutUserInfo(String url) {
        int begin = url.indexOf("://") + 3;
        int end = begin;
        while (end < url.length() && "/?#".indexOf(url.charAt(end)) < 0) {
            end++;
        }
        int at = url.lastIndexOf('@', end - 1);
        // A backslash, which is encoded by now, ends the host for some readers.
        return begin < 3
                        || at < begin
                        || url.substring(begin, at).toLowerCase(Locale.ROOT).contains("%5c")
                ? url
                : url.substring(0, begin) + url.substring(at + 1);
    }

    private String merged(String reference) {
        String path = path(pathAndQuery);
        if (reference.isEmpty()) {
            return pathAndQuery;
        }
        if (reference.startsWith("?")) {
            return path + reference;
        }
        String merged =
                reference.startsWith("/") ? reference : path.substring(0, path.lastIndexOf('/') + 1) + reference;
        String mergedPath = path(merged);
        return withoutDots(mergedPath) + merged.substring(mergedPath.length());
    }

    private static String path(String pathAndQuery) {
        int query = pathAndQuery.indexOf('?');
        return query < 0 ? pathAndQuery : pathAndQuery.substring(0, query);
    }

    /** Removes the dot segments of an absolute path (RFC 3986, section 5.2.4). */
    private static String withoutDots(String path) {
        Deque<String> kept = new ArrayDeque<>();
        for (String segment : path.substring(1).split("/", -1)) {
            if (segment.equals("..")) {
                kept.pollLast();
            } else if (!segment.equals(".")) {
                kept.addLast(segment);
            }
        }
        // What such a segment at the end leads to is a folder.
        boolean isFolder = path.endsWith("/.") || path.endsWith("/..");
        return "/" + String.join("/", kept) + (isFolder && !kept.isEmpty() ? "/" : "");
    }

    /** The same place with another path. */
    TargetUrl withPathAndQuery(String other) {
        return new TargetUrl(scheme, host, port, other);
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
    boolean sameOrigin(TargetUrl other) {
        return scheme.equals(other.scheme) && host.equals(other.host) && port == other.port;
    }

    private static String host(String text) {
        String name = HostName.canonical(text)
                .orElseThrow(() -> new IllegalArgumentException("url does not have a valid host"));
        return name.startsWith("[") ? name.substring(1, name.length() - 1) : name;
    }

    /**
     * Parses a host with its port, as a {@code Host} header has it.
     *
     * @throws IllegalArgumentException when it is not one
     */
    TargetUrl withHost(String hostHeader) {
        TargetUrl given = parse(scheme + "://" + hostHeader);
        if (!given.pathAndQuery.equals("/") || hostHeader.endsWith("/")) {
            throw new IllegalArgumentException("headers: Host must be a host, with :port if wanted");
        }
        return given;
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
