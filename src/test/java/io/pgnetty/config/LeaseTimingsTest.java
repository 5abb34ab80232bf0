package io.pgnetty.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.LongRange;

@Tag("quick")
class LeaseTimingsTest {

    /** Whatever {@code --lease} takes: 2 s to an hour, in milliseconds. */
    @Property
    void hold(@ForAll @LongRange(min = 2_000, max = 3_600_000) long millis) {
        LeaseTimings timings = new LeaseTimings(Duration.ofMillis(millis));

        // Three extensions may fail before a send is refused, and five before one is ended.
        Duration refused = timings.lease().minus(timings.beginMargin());
        Duration ended = timings.lease().minus(timings.endMargin());
        assertThat(timings.extension().multipliedBy(4)).isLessThan(refused);
        assertThat(timings.extension().multipliedBy(5)).isLessThan(ended);
        // A lease is seen to be about to be over before it is, and before that nothing is begun.
        assertThat(timings.check()).isLessThan(timings.endMargin());
        assertThat(timings.endMargin()).isLessThan(timings.beginMargin());
        // A bridge that lives is heard of: one heartbeat may be missed, and two of the leader.
        assertThat(timings.heartbeat().multipliedBy(2)).isLessThanOrEqualTo(timings.silence());
        assertThat(timings.heartbeat().multipliedBy(2)).isLessThan(timings.leadership());
        assertThat(timings.leadership()).isLessThan(timings.lease());
        // A bridge that comes back after an outage speaks before others take over from it.
        assertThat(timings.heartbeat()).isLessThan(timings.settling());
    }
}
