package io.pgnetty.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestPostgres;
import java.io.ByteArrayInputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** The page's files, as a browser loads them: from this port alone, small, and from where they say. */
class AssetsTest {

    private static final Pattern LINK = Pattern.compile("(?:src|href)=\"([^\"]+)\"|from '\\./([^']+)'");

    @Test
    void allThatThePageLoadsIsHereAndIsSmall() throws Exception {
        try (TestBridge bridge = TestBridge.start(TestPostgres.shared().installed())) {
            PageClient client = new PageClient(bridge, "");
            Deque<String> toLoad = new ArrayDeque<>(Set.of("/"));
            Set<String> loaded = new HashSet<>();
            int bytes = 0;
            while (!toLoad.isEmpty()) {
                String path = toLoad.pop();
                if (!loaded.add(path)) {
                    continue;
                }
                HttpResponse<byte[]> zipped = client.asset(path, "gzip");
                assertThat(zipped.statusCode()).as(path).isEqualTo(200);
                assertThat(zipped.headers().firstValue("content-security-policy"))
                        .hasValueSatisfying(policy -> assertThat(policy).contains("default-src 'none'"));
                bytes += zipped.body().length;
                byte[] plain = client.asset(path, "identity").body();
                assertThat(new GZIPInputStream(new ByteArrayInputStream(zipped.body())).readAllBytes())
                        .as(path)
                        .isEqualTo(plain);
                if (!path.endsWith("chart.js")) {
                    links(new String(plain, StandardCharsets.UTF_8)).forEach(toLoad::add);
                }
            }
            System.out.println("the page: " + loaded.size() + " files, " + bytes + " bytes");
            assertThat(loaded).contains("/assets/chart.js", "/assets/lists.js", "/assets/page.css");
            assertThat(bytes).isLessThan(200_000);
        }
    }

    private static Set<String> links(String text) {
        Set<String> links = new HashSet<>();
        Matcher matcher = LINK.matcher(text);
        while (matcher.find()) {
            String link = matcher.group(1) == null ? "assets/" + matcher.group(2) : matcher.group(1);
            if (!link.startsWith("data:")) {
                assertThat(link).doesNotContain(":").doesNotStartWith("/");
                links.add("/" + link);
            }
        }
        return links;
    }
}
