package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Setting;
import io.pgnetty.observe.Event;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bridges whose egress rules differ, on one database: who claims a request decides nothing. */
class OtherBridgesTest {

    private final TestDatabase database = TestPostgres.shared().installed();
    private final Target left = new Target();
    private final Target right = new Target();
    private TestBridge one;
    private TestBridge two;

    @BeforeEach
    void start() {
        one = bridge("127.0.0.1:" + left.port(), "");
        two = bridge("127.0.0.1:" + right.port(), "");
        awaitDifference(one, 1);
        awaitDifference(two, 1);
    }

    @AfterEach
    void stop() throws IOException {
        one.close();
        two.close();
        left.close();
        right.close();
    }

    @Test
    void aRequestThatOnlyOneOfThemMaySendIsSentByThatOne() {
        database.run("select net.http_post('http://127.0.0.1:' || case i % 2 when 0 then " + left.port() + " else "
                + right.port() + " end || '/' || i, body := to_jsonb('body ' || i)) from generate_series(1, 200) i");
        awaitDone();
        assertThat(database.rows("select url, status_code, error_msg, content from net._http_response"
                        // Ids may jump while they are drawn.
                        + " where status_code is distinct from 200"
                        + " or content::jsonb #>> '{}' <> 'body ' || substring(url from '[0-9]+$')"))
                .isEmpty();
        assertThat(database.one("select count(*) from net._http_response")).isEqualTo("200");
        assertThat(left.count()).isEqualTo(100);
        assertThat(right.count()).isEqualTo(100);
        assertThat(one.events(Event.EgressDenied.class)).isEmpty();
        assertThat(two.events(Event.EgressDenied.class)).isEmpty();
    }

    @Test
    void whatNoneOfThemMaySendFailsAtOnce() {
        database.run("select net.http_get('http://10.0.0.1/')");
        awaitDone();
        assertThat(database.one("select error_msg from net._http_response")).startsWith("Refused by the egress rules");
    }

    @Test
    void aNameThatOneDeniesAndTheOtherCannotReachFails() {
        try (TestBridge denies = bridge("", "localhost")) {
            awaitDifference(denies, 2);
            awaitDifference(one, 2);
            awaitDifference(two, 2);
            database.run("select net.http_get('http://localhost:9/') from generate_series(1, 10)");
            awaitDone();
            assertThat(database.one("select count(*) from net._http_response where error_msg ~ '^Refused by'"))
                    .isEqualTo("10");
        }
    }

    /** What was sent is not sent again for another to follow where it leads. */
    @Test
    void aRedirectThatOnlyTheOtherMayFollowFails() {
        left.respond("/away", 307, Map.of("Location", right.url("/there")), new byte[0]);
        database.run(
                "select net.http_post('" + left.url("/away") + "', body := to_jsonb(i)) from generate_series(1, 5) i");
        awaitDone();
        assertThat(database.one("select count(*) from net._http_response where error_msg ~ '^Refused by'"))
                .isEqualTo("5");
        assertThat(left.count()).isEqualTo(5);
        assertThat(one.events(Event.EgressDenied.class)).hasSize(5);
    }

    /** For a while: as long as it may take to replace it. */
    @Test
    void theOtherIsWaitedForWhileItIsReplaced() {
        two.close();
        database.run("select net.http_post('" + right.url("/")
                + "', body := to_jsonb('body ' || i)) from generate_series(1, 50) i");
        Awaitility.await().until(() -> !one.events(Event.LeftToOthers.class).isEmpty());
        two = bridge("127.0.0.1:" + right.port(), "");
        awaitDone();
        assertThat(
                        database.one(
                                "select count(*) from net._http_response where status_code = 200 and content::jsonb #>> '{}' = 'body ' || id"))
                .isEqualTo("50");
        // Once in ten seconds at most, and not again and again.
        assertThat(one.events(Event.LeftToOthers.class)).hasSizeLessThanOrEqualTo(150);
    }

    @Test
    void theOtherIsNamedUntilItIsGoneForGood() {
        assertThat(one.events(Event.EgressRulesDiffer.class).get(0).others())
                .containsExactly("test (--egress-allow \"127.0.0.1:" + right.port() + "\" --egress-deny \"\")");
        two.close();
        database.run("select net.http_get('" + right.url("/") + "')");
        Awaitility.await().until(() -> !one.events(Event.LeftToOthers.class).isEmpty());
        database.run(
                "update net.egress_rules set seen = seen - interval '1 hour' where allow like '%" + right.port() + "'");
        awaitDifference(one, 0);
        awaitDone();
        assertThat(database.one("select error_msg from net._http_response"))
                .startsWith("Refused by the egress rules: \"127.0.0.1\"");
    }

    /** The other one is busy, and this one has just started: it must not decide before it knows of the other. */
    @Test
    void aBridgeThatStartsFailsNothing() {
        database.run("select net.set_host_rule('*', 1, null);" + "select net.http_get('" + right.url("/")
                + "') from generate_series(1, 200)");
        try (TestBridge third = bridge("127.0.0.1:" + left.port(), "")) {
            awaitDone();
            assertThat(third.events(Event.EgressDenied.class)).isEmpty();
        }
        assertThat(database.one("select count(*) from net._http_response where status_code = 200"))
                .isEqualTo("200");
    }

    @Test
    void listsThatSayTheSameDoNotDiffer() {
        try (TestBridge same = bridge(" 127.0.0.1:" + left.port() + ", 127.0.0.1:" + left.port(), "")) {
            awaitDifference(same, 1);
            awaitDifference(two, 1);
            assertThat(one.events(Event.EgressRulesDiffer.class)).hasSize(1);
        }
    }

    private TestBridge bridge(String allow, String deny) {
        return TestBridge.start(database, Map.of(Setting.EGRESS_ALLOW, allow, Setting.EGRESS_DENY, deny));
    }

    private static void awaitDifference(TestBridge bridge, int others) {
        Awaitility.await("others").until(() -> {
            List<Event.EgressRulesDiffer> said = bridge.events(Event.EgressRulesDiffer.class);
            return others
                    == (said.isEmpty() ? 0 : said.get(said.size() - 1).others().size());
        });
    }

    private void awaitDone() {
        Awaitility.await("done")
                .atMost(Duration.ofSeconds(40))
                .until(() -> database.one("select count(*) from net.http_request_queue")
                        .equals("0"));
    }
}
