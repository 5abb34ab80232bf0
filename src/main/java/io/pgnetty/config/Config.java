package io.pgnetty.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the operator of a bridge decides, validated.
 *
 * @param callbackUrl as whose role {@code on_response} functions are called, or null: none are
 * @param tracing null for none
 */
public record Config(
        Database database,
        Delivery delivery,
        Egress egress,
        Targets targets,
        Admin admin,
        @Nullable DatabaseUrl callbackUrl,
        @Nullable Tracing tracing,
        LogFormat logFormat) {

    /** The same for another database, reached directly. */
    public Config on(DatabaseUrl url) {
        Database there = new Database(
                url,
                url,
                database.lease(),
                database.fallbackPoll(),
                database.maxQueued(),
                database.connections(),
                database.responseTtl(),
                database.deadLetterTtl());
        return new Config(there, delivery, egress, targets, admin, callbackUrl, tracing, logFormat);
    }

    /** What is in force, for the log; without secrets. */
    public String summary() {
        return Stream.of(
                        "user=" + database.url().user(),
                        "sslmode=" + database.url().tls().mode().text(),
                        database.pooled() ? "listen-url=" + database.listenUrl().place() : "",
                        callbackUrl == null ? "" : "callback-user=" + callbackUrl.user(),
                        "lease=" + text(database.lease()),
                        "fallback-poll=" + text(database.fallbackPoll()),
                        "connections=" + database.connections(),
                        "max-queued=" + database.maxQueued(),
                        "response-ttl=" + text(database.responseTtl()),
                        "dead-letter-ttl=" + text(database.deadLetterTtl()),
                        "concurrency=" + delivery.concurrency(),
                        "connection-max-age=" + text(delivery.connectionMaxAge()),
                        "max-request-bytes=" + delivery.maxRequestBytes(),
                        "max-response-bytes=" + delivery.maxResponseBytes(),
                        "drain-timeout=" + text(delivery.drainTimeout()),
                        "egress-allow=" + Egress.text(egress.allow()),
                        "egress-deny=" + Egress.text(egress.deny()),
                        targets.proxy() == null
                                ? ""
                                : "egress-proxy=" + targets.proxy().address()
                                        + (targets.proxy().isTrusted() ? " egress-trust-proxy=true" : ""),
                        "tls-min=" + targets.tls().min().text(),
                        "admin=" + admin.address(),
                        admin.probes() == null ? "" : "probes=" + admin.probes(),
                        tracing == null ? "" : "traces=" + tracing.place() + " traces-sample=" + tracing.sample())
                .filter(setting -> !setting.isEmpty())
                .collect(Collectors.joining(" "));
    }

    private static String text(Duration time) {
        return time.toString().substring(2).toLowerCase(Locale.ROOT);
    }

    /**
     * The queue's side.
     *
     * @param url for statements; may go through a transaction pooler
     * @param listenUrl for LISTEN; a direct connection
     * @param lease how long a claim lasts without being extended, 2 s to 1 h; default 30 s
     * @param fallbackPoll time between two polls that nothing asked for, 100 ms to 1 h; default 5 s
     * @param maxQueued requests that may wait, 1 to 1,000,000,000; default 5,000,000
     * @param connections for statements, 2 to 100; default 6
     * @param responseTtl age at which responses are deleted, from 1 s on; default 6 h
     * @param deadLetterTtl age at which dead letters are deleted, from 1 s on; default 14 days
     */
    public record Database(
            DatabaseUrl url,
            DatabaseUrl listenUrl,
            Duration lease,
            Duration fallbackPoll,
            int maxQueued,
            int connections,
            Duration responseTtl,
            Duration deadLetterTtl) {
        public Database {
            new RangeChecks()
                    .between(Setting.LEASE, lease, Duration.ofSeconds(2), Duration.ofHours(1))
                    .between(Setting.FALLBACK_POLL, fallbackPoll, Duration.ofMillis(100), Duration.ofHours(1))
                    .between(Setting.MAX_QUEUED, maxQueued, 1, 1_000_000_000)
                    .between(Setting.CONNECTIONS, connections, 2, 100)
                    .between(Setting.RESPONSE_TTL, responseTtl, Duration.ofSeconds(1), Duration.ofDays(3650))
                    .between(Setting.DEAD_LETTER_TTL, deadLetterTtl, Duration.ofSeconds(1), Duration.ofDays(3650))
                    .done();
        }

        /** What follows from the lease. */
        public LeaseTimings timings() {
            return new LeaseTimings(lease);
        }

        /** Whether statements go another way than LISTEN: then a pooler is in between, and sessions are not ours. */
        public boolean pooled() {
            return !url.equals(listenUrl);
        }
    }

    /**
     * The targets' side.
     *
     * @param concurrency requests in flight at most, 1 to 10,000; default 256
     * @param maxRequestBytes largest body that is sent, 1 B to 256 MiB; default 10 MiB
     * @param maxResponseBytes largest body that is stored, 1 B to 256 MiB; default 10 MiB
     * @param connectionMaxAge how long an HTTP connection is used again, 1 s to 1 day; default 60 s
     * @param drainTimeout how long a stop waits for what is in flight, up to 1 h; default 25 s
     */
    public record Delivery(
            int concurrency,
            Duration connectionMaxAge,
            long maxRequestBytes,
            long maxResponseBytes,
            Duration drainTimeout) {
        public Delivery {
            new RangeChecks()
                    .between(Setting.CONCURRENCY, concurrency, 1, 10_000)
                    .between(Setting.MAX_REQUEST_BYTES, maxRequestBytes, 1, 256L << 20)
                    .between(Setting.MAX_RESPONSE_BYTES, maxResponseBytes, 1, 256L << 20)
                    .between(Setting.CONNECTION_MAX_AGE, connectionMaxAge, Duration.ofSeconds(1), Duration.ofDays(1))
                    .between(Setting.DRAIN_TIMEOUT, drainTimeout, Duration.ZERO, Duration.ofHours(1))
                    .done();
        }
    }

    /**
     * What may be reached.
     *
     * @param allow besides public addresses on the usual ports
     * @param deny whatever else allows it
     * @param nat64 prefixes of IPv6 addresses that this network takes to the IPv4 address in them (RFC 6052)
     */
    public record Egress(List<EgressEntry> allow, List<EgressEntry> deny, List<Cidr> nat64) {
        public Egress {
            allow = List.copyOf(allow);
            deny = List.copyOf(deny);
            nat64 = List.copyOf(nat64);
        }

        /** Without prefixes of this network's own. */
        public Egress(List<EgressEntry> allow, List<EgressEntry> deny) {
            this(allow, deny, List.of());
        }

        /**
         * Reads what {@link #text} wrote.
         *
         * @throws IllegalArgumentException where an entry is not valid
         */
        public static Egress parse(String allow, String deny) {
            return new Egress(entries(allow), entries(deny));
        }

        /** Entries as an option has them, in an order of their own: alike for lists that say the same. */
        public static String text(List<EgressEntry> entries) {
            return entries.stream().map(EgressEntry::text).sorted().distinct().collect(Collectors.joining(","));
        }

        private static List<EgressEntry> entries(String text) {
            return Stream.of(text.split(",", -1))
                    .filter(one -> !one.isBlank())
                    .map(one -> EgressEntry.parse(one.strip()))
                    .toList();
        }
    }

    /**
     * How targets are reached.
     *
     * @param secretsDir folder with a file for each secret, or null
     * @param proxy null for none
     */
    public record Targets(
            @Nullable Path secretsDir, @Nullable Proxy proxy, TargetTlsFiles tls) {

        /** Directly, with what the JVM believes. */
        public static final Targets DIRECT = new Targets(null, null, new TargetTlsFiles(null, null, TlsVersion.V1_2));
    }

    /**
     * Where traces go.
     *
     * @param collector takes OTLP over HTTP
     * @param sample the share of requests that are traced where no traceparent says so, 0 to 1
     */
    public record Tracing(URI collector, double sample) {

        /** The collector as it may be shown: a query may hold its key. */
        public String place() {
            return collector.getScheme() + "://" + collector.getRawAuthority() + collector.getRawPath();
        }
    }

    /**
     * The operator's side.
     *
     * @param address default 127.0.0.1:9464; beyond loopback only with a token
     * @param probes a second address, for probes and metrics alone, or null
     * @param tokenFile with what all but probes must show, or null
     * @param hosts by which it may be asked besides loopback names
     * @param tls null for none
     */
    public record Admin(
            HostPort address,
            @Nullable HostPort probes,
            @Nullable Path tokenFile,
            Set<String> hosts,
            @Nullable KeyFiles tls) {
        public Admin {
            hosts = Set.copyOf(hosts);
            if (!address.isLoopback() && tokenFile == null) {
                throw new IllegalArgumentException("--admin: " + address
                        + " can be reached from other machines: use a loopback address, or --admin-token-file; for"
                        + " probes and metrics alone there is --probes " + address);
            }
        }
    }
}
