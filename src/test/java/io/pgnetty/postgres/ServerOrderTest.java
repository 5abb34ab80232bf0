package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.DatabaseServer;
import io.pgnetty.config.DatabaseUrl;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which server is tried first, and for how long. */
@Tag("quick")
class ServerOrderTest {

    private static final Duration WHOLE = Duration.ofSeconds(9);

    private final List<DatabaseServer> servers =
            DatabaseUrl.parse("postgresql://u@a:1,b:2,c:3/d", Map.of()).servers();
    private final DatabaseServer a = servers.get(0);
    private final DatabaseServer b = servers.get(1);
    private final DatabaseServer c = servers.get(2);
    private final ServerOrder order = new ServerOrder();

    @Test
    void theOneThatWasThePrimaryIsFirst() {
        assertThat(order.of(servers)).containsExactly(a, b, c);
        order.good(b);
        assertThat(order.of(servers)).containsExactly(b, a, c);
    }

    @Test
    void theOneThatDoesNotAnswerIsLastUntilItDoes() {
        order.good(a);
        order.lastIsSilent();
        assertThat(order.of(servers)).containsExactly(b, c, a);
        order.silent(b);
        assertThat(order.of(servers)).containsExactly(c, a, b);
        order.answered(a);
        order.good(b);
        assertThat(order.of(servers)).containsExactly(b, a, c);
    }

    @Test
    void itIsWaitedForShortlyAndTheWholeTimeNowAndThen() {
        assertThat(order.patience(a, WHOLE, 3)).isEqualTo(WHOLE);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 3; i++) {
                order.silent(a);
                assertThat(order.patience(a, WHOLE, 3)).isEqualTo(Duration.ofSeconds(1));
            }
            order.silent(a);
            assertThat(order.patience(a, WHOLE, 3)).isEqualTo(WHOLE);
        }
        order.silent(a);
        assertThat(order.patience(a, WHOLE, 1)).as("the only one").isEqualTo(WHOLE);
    }
}
