package io.pgnetty.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** Texts of settings that have no type of their own; each throws IllegalArgumentException with a text for the operator. */
final class Parsers {

    /** Characters of a token that nobody guesses, at least. */
    private static final int MIN_TOKEN = 16;

    /** RFC 6052, section 2.2. */
    private static final Set<Integer> NAT64_LENGTHS = Set.of(32, 40, 48, 56, 64, 96);

    private Parsers() {}

    static Integer number(String text) {
        if (!text.strip().matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException("needs a whole number, not \"" + text + "\"");
        }
        return Integer.valueOf(text.strip());
    }

    /** From 0 to 1. */
    static Double share(String text) {
        if (!text.strip().matches("0(\\.[0-9]{1,9})?|1(\\.0{1,9})?")) {
            throw new IllegalArgumentException("needs a number from 0 to 1, such as 0.05, not \"" + text + "\"");
        }
        return Double.valueOf(text.strip());
    }

    /** An address of a server over HTTP, with its path. */
    static URI http(String text) {
        try {
            URI uri = new URI(text.strip());
            boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (isHttp && uri.getHost() != null && uri.getUserInfo() == null && uri.getFragment() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("must be an http:// or https:// URL: " + e.getReason(), e);
        }
        throw new IllegalArgumentException("must be an http:// or https:// URL with a host, without user and fragment");
    }

    static Boolean truth(String text) {
        return switch (text.strip()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("must be true or false, not \"" + text + "\"");
        };
    }

    static Path folder(String text) {
        Path folder = Path.of(text);
        if (!Files.isDirectory(folder) || !Files.isReadable(folder) || !Files.isExecutable(folder)) {
            throw new IllegalArgumentException("must be a folder that can be read, not " + text);
        }
        return folder;
    }

    static Path file(String text) {
        Path file = Path.of(text);
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new IllegalArgumentException("must be a file that can be read, not " + text);
        }
        return file;
    }

    /** A file with a token that nobody guesses. */
    static Path token(String text) {
        TokenFile file = new TokenFile(file(text));
        if (file.token().map(token -> token.length() < MIN_TOKEN).orElse(true)) {
            throw new IllegalArgumentException("must have a token of " + MIN_TOKEN + " characters or more in " + text
                    + ", such as: openssl rand -base64 32");
        }
        return Path.of(text);
    }

    /** A host as a Host header names it, without a port. */
    static String host(String text) {
        return HostName.canonical(text)
                .orElseThrow(() -> new IllegalArgumentException("is not a valid host: \"" + text + "\""));
    }

    /** Its name. */
    static String secretName(String text) {
        if (!text.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,127}")) {
            throw new IllegalArgumentException("must be the name of a secret, not its value");
        }
        return text;
    }

    /** A prefix of a length that RFC 6052 knows. */
    static Cidr nat64(String text) {
        Cidr cidr = Cidr.parse(text);
        if (cidr.network().getAddress().length != 16 || !NAT64_LENGTHS.contains(cidr.prefix())) {
            throw new IllegalArgumentException(
                    "must be an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits (RFC 6052), not \"" + text + "\"");
        }
        return cidr;
    }

    static LogFormat logFormat(String text) {
        return switch (text) {
            case "text" -> LogFormat.TEXT;
            case "json" -> LogFormat.JSON;
            default -> throw new IllegalArgumentException("must be text or json, not \"" + text + "\"");
        };
    }
}
