package io.pgnetty.http.secret;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** {@code {{secret:NAME}}} in the value of a header, and the same in a URL, where it is encoded. */
public final class Placeholders {

    /** Of a secret. */
    public static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";

    private static final Pattern IN_HEADER = Pattern.compile("\\{\\{secret:(" + NAME + ")}}");
    private static final Pattern IN_URL = Pattern.compile("(?i)%7B%7Bsecret(?::|%3A)(" + NAME + ")%7D%7D");
    private static final Pattern ANY_IN_URL = Pattern.compile("(?i)%7B%7Bsecret(?::|%3A)");
    private static final Pattern BASIC = Pattern.compile("(?is)(basic\\s+)(\\S.*)");

    private Placeholders() {}

    /** The secrets that a header's value names. */
    public static Set<String> ofHeader(String value) {
        return value.contains("{{secret:") ? names(IN_HEADER, value) : Set.of();
    }

    /**
     * The secrets that the query of a URL names.
     *
     * @throws IllegalArgumentException where one stands elsewhere in it, or has no valid name
     */
    public static Set<String> ofPathAndQuery(String pathAndQuery) {
        if (!ANY_IN_URL.matcher(pathAndQuery).find()) {
            return Set.of();
        }
        int query = pathAndQuery.indexOf('?');
        String inQuery = query < 0 ? "" : pathAndQuery.substring(query);
        boolean elsewhere = ANY_IN_URL
                .matcher(query < 0 ? pathAndQuery : pathAndQuery.substring(0, query))
                .find();
        if (elsewhere
                || ANY_IN_URL.matcher(IN_URL.matcher(inQuery).replaceAll("")).find()) {
            throw new IllegalArgumentException(
                    "url: {{secret:NAME}} stands in the query alone, with a name of letters, digits, dots, hyphens and underscores");
        }
        return names(IN_URL, inQuery);
    }

    private static Set<String> names(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(result -> result.group(1)).collect(Collectors.toSet());
    }

    /** A header's value with its secrets. {@code Basic} credentials that are not encoded yet, {@code user:password}, are. */
    public static String inHeader(String name, String value, Map<String, String> secrets) {
        String filled = replaced(IN_HEADER, value, secrets, false);
        var basic = BASIC.matcher(filled);
        boolean encodes = name.toLowerCase(Locale.ROOT).endsWith("authorization") && basic.matches();
        return encodes && basic.group(2).contains(":")
                ? basic.group(1)
                        + Base64.getEncoder().encodeToString(basic.group(2).getBytes(StandardCharsets.UTF_8))
                : filled;
    }

    /** A path and query with the secrets, encoded. */
    public static String inPathAndQuery(String pathAndQuery, Map<String, String> secrets) {
        return replaced(IN_URL, pathAndQuery, secrets, true);
    }

    private static String replaced(Pattern pattern, String text, Map<String, String> secrets, boolean encoded) {
        return pattern.matcher(text).replaceAll((MatchResult found) -> {
            String secret = Objects.requireNonNull(secrets.get(found.group(1)), "asked for before");
            return java.util.regex.Matcher.quoteReplacement(
                    encoded ? URLEncoder.encode(secret, StandardCharsets.UTF_8).replace("+", "%20") : secret);
        });
    }
}
