package io.pgnetty.http.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("quick")
class PlaceholdersTest {

    private static final Map<String, String> SECRETS =
            Map.of("a", "$1 \\ \u00fc&=", "b.c-d_1", "two", "basic", "u\u00fc:p:w");

    @Test
    void ofHeaders() {
        assertThat(Placeholders.ofHeader("Bearer {{secret:a}} and {{secret:b.c-d_1}}{{secret:a}}"))
                .containsExactlyInAnyOrder("a", "b.c-d_1");
        assertThat(Placeholders.ofHeader("{{secret:}} {{secret:-x}} {secret:a} {{ secret:a }}"))
                .isEmpty();
        assertThat(Placeholders.inHeader("X-A", "Bearer {{secret:a}}, {{secret:b.c-d_1}}.", SECRETS))
                .isEqualTo("Bearer $1 \\ \u00fc&=, two.");
    }

    @Test
    void basicCredentialsAreEncoded() {
        assertThat(Placeholders.inHeader("authorization", "Basic me:{{secret:b.c-d_1}}", SECRETS))
                .isEqualTo("Basic bWU6dHdv");
        assertThat(Placeholders.inHeader("Authorization", "basic {{secret:basic}}", SECRETS))
                .isEqualTo("basic dcO8OnA6dw==");
        // Encoded already, or of another scheme or header.
        assertThat(Placeholders.inHeader("Authorization", "Basic {{secret:b.c-d_1}}", SECRETS))
                .isEqualTo("Basic two");
        assertThat(Placeholders.inHeader("X-Login", "Basic {{secret:basic}}", SECRETS))
                .isEqualTo("Basic u\u00fc:p:w");
    }

    @Test
    void ofQueries() {
        String both = "/p?k=%7B%7Bsecret%3Aa%7D%7D&l=%7b%7bsecret:b.c-d_1%7d%7d";
        assertThat(Placeholders.ofPathAndQuery(both)).containsExactlyInAnyOrder("a", "b.c-d_1");
        assertThat(Placeholders.inPathAndQuery(both, SECRETS)).isEqualTo("/p?k=%241%20%5C%20%C3%BC%26%3D&l=two");
        assertThat(Placeholders.ofPathAndQuery("/p?q=%7B%7Bother%7D%7D")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/%7B%7Bsecret%3Aa%7D%7D",
                "/%7B%7Bsecret%3Aa%7D%7D?k=v",
                "/p?k=%7B%7Bsecret%3A%7D%7D",
                "/p?k=%7B%7Bsecret%3Aa%2Fb%7D%7D",
                "/p?k=%7B%7Bsecret%3Aa%7D"
            })
    void whatIsWrittenWronglyIsRefused(String pathAndQuery) {
        assertThatThrownBy(() -> Placeholders.ofPathAndQuery(pathAndQuery)).hasMessageContaining("in the query alone");
    }
}
