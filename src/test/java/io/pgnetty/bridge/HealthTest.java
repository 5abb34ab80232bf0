package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.observe.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("quick")
class HealthTest {

    private final List<Object> told = Collections.synchronizedList(new ArrayList<>());
    private final Health health = new Health("one", Duration.ofSeconds(1), told::add);

    @Test
    void changesAreToldInTheirOrder() {
        health.onChange(() -> told.add(health.state()));
        health.listening();
        assertThat(told).isEmpty();
        health.reached();
        health.cutOff(new IllegalStateException("gone"));
        health.reached();
        health.draining();
        // Nothing but the end counts from here on.
        health.notListening("closed");
        assertThat(told)
                .containsExactly(
                        new Event.Ready("one"),
                        Health.State.RUNNING,
                        new Event.CutOff("gone", Duration.ofSeconds(1)),
                        Health.State.CUT_OFF,
                        new Event.Ready("one"),
                        Health.State.RUNNING,
                        Health.State.DRAINING);
    }

    @Test
    void heartbeatsThatFailAreNoHealth() {
        health.listening();
        health.reached();
        health.beatFailed("once");
        health.beat();
        health.beatFailed("again");
        assertThat(health.whyNotReady()).isEmpty();
        health.beatFailed("no constraint");
        assertThat(health.whyNotReady()).contains("the heartbeat fails: no constraint");
        health.reached();
        assertThat(health.whyNotReady()).isPresent();
        health.beat();
        assertThat(health.whyNotReady()).isEmpty();
    }

    /** Ready again when the database is, and not with the next heartbeat. */
    @Test
    void heartbeatsThatFailedWithTheDatabaseCountNoMore() {
        health.listening();
        health.reached();
        health.beatFailed("closed");
        health.notListening("closed");
        health.beatFailed("closed");
        health.beatFailed("closed");
        health.listening();
        health.reached();
        assertThat(health.whyNotReady()).isEmpty();
    }

    /** A listener may wait for a thread that asks how things are. */
    @Test
    void nobodyIsToldUnderALock() {
        health.onChange(() -> told.add(CompletableFuture.supplyAsync(health::state)
                .orTimeout(10, TimeUnit.SECONDS)
                .join()));
        health.listening();
        health.reached();
        assertThat(told).containsExactly(new Event.Ready("one"), Health.State.RUNNING);
    }

    /** What a listener does to it is told after what it was told of. */
    @Test
    void aListenerMayChangeIt() {
        health.onChange(() -> {
            told.add(health.state());
            if (health.state() == Health.State.RUNNING) {
                health.draining();
            }
        });
        health.listening();
        health.reached();
        assertThat(told).containsExactly(new Event.Ready("one"), Health.State.RUNNING, Health.State.DRAINING);
    }
}
