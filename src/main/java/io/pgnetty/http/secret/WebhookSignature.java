package io.pgnetty.http.secret;

import io.pgnetty.request.Header;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The headers by which a receiver knows who sent a webhook (Standard Webhooks 1.0, symmetric signatures). Where a secret is being rotated, its
 * value has both, the new one first, with a blank or a line end between: the receiver takes whichever it knows.
 */
public final class WebhookSignature {

    private static final Set<String> NAMES = Set.of("webhook-id", "webhook-timestamp", "webhook-signature");
    private static final String ALGORITHM = "HmacSHA256";
    private static final String PREFIX = "whsec_";

    private WebhookSignature() {}

    /** Whether a header is one of these, which the sender's own make way for. */
    public static boolean isOne(String name) {
        return NAMES.contains(name.toLowerCase(java.util.Locale.ROOT));
    }

    /**
     * The three headers.
     *
     * @param secret keys as {@code whsec_} and base64, or base64 alone
     * @param id the same on each attempt
     * @param now when this attempt is sent
     * @param body as it goes over the wire
     * @return empty where the secret is no key
     */
    public static Optional<List<Header>> headers(String secret, UUID id, Instant now, byte[] body) {
        String timestamp = String.valueOf(now.getEpochSecond());
        List<String> signatures = new ArrayList<>();
        for (String key : secret.strip().split("\\s+", -1)) {
            Optional<byte[]> bytes = key(key);
            if (bytes.isEmpty()) {
                return Optional.empty();
            }
            signatures.add("v1," + signature(bytes.get(), id + "." + timestamp + ".", body));
        }
        return Optional.of(List.of(
                new Header("webhook-id", id.toString()),
                new Header("webhook-timestamp", timestamp),
                new Header("webhook-signature", String.join(" ", signatures))));
    }

    private static Optional<byte[]> key(String text) {
        try {
            byte[] key = Base64.getDecoder().decode(text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text);
            return key.length == 0 ? Optional.empty() : Optional.of(key);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String signature(byte[] key, String head, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            mac.update(head.getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            // Each Java has it.
            throw new IllegalStateException(e);
        }
    }
}
