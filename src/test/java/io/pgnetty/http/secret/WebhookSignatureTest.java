package io.pgnetty.http.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import io.pgnetty.request.Header;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** By the library that receivers use. */
@Tag("quick")
class WebhookSignatureTest {

    private static final String OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String NEW = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    private static final UUID ID = UUID.fromString("f0e1d2c3-b4a5-4687-a879-6a5b4c3d2e1f");

    private static Map<String, List<String>> headers(String secret, String body) {
        return WebhookSignature.headers(secret, ID, Instant.now(), body.getBytes(StandardCharsets.UTF_8))
                .orElseThrow()
                .stream()
                .collect(Collectors.toMap(Header::name, header -> List.of(header.value())));
    }

    @Test
    void receiversKnowIt() throws Exception {
        for (String body : List.of("", "{\"a\": 1}", "caf\u00e9 \u4e2d")) {
            new Webhook(OLD).verify(body, headers(OLD, body));
        }
        // Without its prefix, too.
        new Webhook(OLD).verify("x", headers(OLD.substring("whsec_".length()), "x"));
        assertThatThrownBy(() -> new Webhook(OLD).verify("y", headers(OLD, "x")))
                .isInstanceOf(WebhookVerificationException.class);
        assertThatThrownBy(() -> new Webhook(NEW).verify("x", headers(OLD, "x")))
                .isInstanceOf(WebhookVerificationException.class);
    }

    @Test
    void whileASecretIsRotatedEitherIsGoodEnough() throws Exception {
        for (String both : List.of(NEW + "\n" + OLD + "\n", NEW + " " + OLD)) {
            Map<String, List<String>> headers = headers(both, "x");
            new Webhook(OLD).verify("x", headers);
            new Webhook(NEW).verify("x", headers);
        }
    }

    @Test
    void whatIsNoKeySignsNothing() {
        for (String none : List.of("whsec_", "not base64!", OLD + " !")) {
            assertThat(WebhookSignature.headers(none, ID, Instant.now(), new byte[0]))
                    .as(none)
                    .isEmpty();
        }
    }
}
