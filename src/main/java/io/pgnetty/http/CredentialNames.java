package io.pgnetty.http;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Header names that speak of credentials: their values cross no origin on a redirect, and are shown nowhere. Wider than what
 * browsers strip, for custom API keys. The same list in SQL ({@code net.is_credential}), by the vectors of
 * {@code credential-names.txt}.
 */
final class CredentialNames {

    static final String LIST = "auth|cookie|key|token|secret|passw|pwd|credential|signature|session|jwt|bearer";

    private static final Pattern CREDENTIAL = Pattern.compile(LIST);

    private CredentialNames() {}

    static boolean contain(String headerName) {
        String name = headerName.toLowerCase(Locale.ROOT);
        return CREDENTIAL.matcher(name).find() && !name.equals("idempotency-key");
    }
}
