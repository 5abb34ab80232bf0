package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.DatabaseServer;
import io.pgnetty.config.DatabaseUrl;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which server is tried first, and for how long. */
@Tag("quick")
class ServerOrderTest {

    private static final Duration LOGIN = Duration.ofSeconds(9);

    private final List<DatabaseServer> servers =
            DatabaseUrl.parse("postgresql://u@a:1,b:2,c:3/d", Map.of()).servers();
    private final DatabaseServer a = servers.get(0);
    private final DatabaseServer b = servers.get(1);
    private final DatabaseServer c = servers.get(2);
    private final AtomicLong now = new AtomicLong();
    private final ServerOrder order = new ServerOrder(now::get);

    @Test
    void theOneThatWasThePrimaryIsFirst() {
        assertThat(order.of(servers)).containsExactly(a, b, c);
        order.good(b);
        assertThat(order.of(servers)).containsExactly(b, a, c);
    }

    @Test
    void theOneThatDoesNotAnswerIsLastUntilItDoes() {
        order.good(a);
        order.suspect(a);
        assertThat(order.of(servers)).containsExactly(b, c, a);
        order.silent(b);
        assertThat(order.of(servers)).containsExactly(c, a, b);
        order.answered(a);
        order.good(b);
        assertThat(order.of(servers)).containsExactly(b, a, c);
    }

    @Test
    void oneLoginAtATimeWaitsForIt() {
        assertThat(order.begin(a, LOGIN)).isTrue();
        assertThat(order.begin(a, LOGIN)).as("while it answers, all may").isTrue();
        order.suspect(a);
        assertThat(order.begin(a, LOGIN)).as("the first finds out more").isTrue();
        assertThat(order.begin(a, LOGIN)).isFalse();
        now.addAndGet(LOGIN.toNanos());
        assertThat(order.begin(a, LOGIN)).as("that one was lost").isTrue();
        order.silent(a);
        assertThat(order.begin(a, LOGIN)).as("a pause").isFalse();
        now.addAndGet(Duration.ofSeconds(10).toNanos());
        assertThat(order.begin(a, LOGIN)).isTrue();
        order.good(a);
        assertThat(order.begin(a, LOGIN)).isTrue();
        assertThat(order.begin(a, LOGIN)).isTrue();
    }
}
