package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.bridge.ClaimPlan.Next;
import io.pgnetty.postgres.Turns;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

@Tag("quick")
class ClaimPlanTest {

    private static Turns turns(String host) {
        return new Turns(1, Map.of(1L, host));
    }

    record Found(String lastHost, int requests, boolean more, int free, boolean failed) {}

    @Provide
    Arbitrary<List<Found>> claims() {
        return Combinators.combine(
                        Arbitraries.of("a", "b", "c"),
                        Arbitraries.frequencyOf(
                                net.jqwik.api.Tuple.of(5, Arbitraries.just(0)),
                                net.jqwik.api.Tuple.of(1, Arbitraries.integers().between(1, 256))),
                        Arbitraries.frequency(net.jqwik.api.Tuple.of(9, true), net.jqwik.api.Tuple.of(1, false)),
                        Arbitraries.integers().between(1, 256),
                        Arbitraries.frequency(net.jqwik.api.Tuple.of(19, false), net.jqwik.api.Tuple.of(1, true)))
                .as(Found::new)
                .list()
                .ofMaxSize(200);
    }

    /** Whatever claims find: what is asked for is bounded, and nothing that was left is waited for without a reason. */
    @Property
    void staysWithinItsBounds(@ForAll("claims") List<Found> claims) {
        ClaimPlan plan = ClaimPlan.FIRST;
        for (Found found : claims) {
            ClaimPlan before = plan;
            if (found.failed()) {
                plan = plan.failed(new TimeoutException());
                assertThat(plan.turns()).isEqualTo(before.turns());
                assertThat(plan.pause()).isGreaterThanOrEqualTo(before.pause()).isBetween(ms(50), Backoff.MAX);
                continue;
            }
            plan = plan.found(turns(found.lastHost()), found.requests(), found.more());
            Next next = plan.next(found.requests(), found.more(), found.free());

            assertThat(plan.turns()).isEqualTo(turns(found.lastHost()));
            assertThat(plan.hosts(found.free())).isBetween(found.free(), ClaimPlan.MAX_HOSTS);
            assertThat(plan.pause()).isBetween(ms(25), Backoff.MAX);
            if (found.requests() > 0 || !found.more()) {
                assertThat(plan.empty()).isZero();
                assertThat(next).isEqualTo(found.more() && found.requests() < found.free() ? Next.CLAIM : Next.WAIT);
            } else {
                assertThat(next).isNotEqualTo(Next.WAIT);
            }
        }
    }

    /** Half a million hosts that are paused are looked through, and then looked at once a second. */
    @Example
    void pausedHostsAreLookedThrough() {
        ClaimPlan plan = ClaimPlan.FIRST;
        long looked = 0;
        int claims = 0;
        while (plan.next(0, true, 128) == Next.CLAIM) {
            looked += plan.hosts(128);
            plan = plan.found(turns("h" + claims++), 0, true);
        }
        assertThat(looked).isGreaterThan(500_000);
        assertThat(claims).isEqualTo(ClaimPlan.MAX_EMPTY + 1);
        for (int i = 0; i < 10; i++) {
            plan = plan.found(turns("h"), 0, true);
        }
        assertThat(plan.pause()).isEqualTo(Backoff.MAX);
        assertThat(plan.found(turns("h"), 1, true)).isEqualTo(new ClaimPlan(turns("h"), 0, ms(25)));
    }

    private static Duration ms(long millis) {
        return Duration.ofMillis(millis);
    }
}
