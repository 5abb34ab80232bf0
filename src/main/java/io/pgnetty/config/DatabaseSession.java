package io.pgnetty.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a connection is made and kept, as libpq's parameters say it.
 *
 * @param connectTimeout for each server; libpq's {@code connect_timeout}
 * @param applicationName what {@code pg_stat_activity} shows
 * @param options what the server takes as its command line, such as {@code -c geqo=off}; empty for none
 * @param channelBinding {@code disable}, {@code prefer} or {@code require}
 * @param wanted which of the servers
 * @param passFile file with passwords, for a URL without one; or null
 * @param keepalive of its socket
 */
public record DatabaseSession(
        Duration connectTimeout,
        String applicationName,
        String options,
        String channelBinding,
        Wanted wanted,
        @Nullable PasswordFile passFile,
        Keepalive keepalive) {

    /** Which server will do. */
    public enum Wanted {
        /** The first that answers. */
        ANY,
        /** One that is no standby. */
        PRIMARY,
        /** One that is no standby, or else a standby. */
        PRIMARY_FIRST
    }

    DatabaseSession orStandby() {
        return wanted == Wanted.PRIMARY
                ? new DatabaseSession(
                        connectTimeout,
                        applicationName,
                        options,
                        channelBinding,
                        Wanted.PRIMARY_FIRST,
                        passFile,
                        keepalive)
                : this;
    }

    /**
     * When a connection whose other end is gone ends (tcp(7)).
     *
     * @param on whether an idle connection is probed
     * @param idleSeconds without data until the first probe
     * @param intervalSeconds between probes
     * @param count of probes without an answer
     * @param userTimeoutMillis for which data that was sent may stay unacknowledged
     */
    public record Keepalive(boolean on, int idleSeconds, int intervalSeconds, int count, int userTimeoutMillis) {}
}
