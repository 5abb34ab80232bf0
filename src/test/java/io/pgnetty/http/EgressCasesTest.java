package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Config;
import io.pgnetty.config.HostPort;
import io.pgnetty.config.Proxy;
import io.pgnetty.config.TargetTlsFiles;
import io.pgnetty.config.TlsVersion;
import io.pgnetty.http.tls.TestTls;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.QueuedRequest;
import io.pgnetty.testing.ConnectProxy;
import io.pgnetty.testing.NameTable;
import io.pgnetty.testing.Queued;
import io.pgnetty.testing.RawTarget;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TlsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/**
 * Each case of {@code egress-cases.txt}: as a URL, as what a redirect leads to, and through a proxy. A server on all addresses of this machine
 * counts its connections, and one that is allowed redirects to it.
 */
class EgressCasesTest {

    private static final Set<FailureKind> REFUSED =
            Set.of(FailureKind.EGRESS_DENIED, FailureKind.DNS, FailureKind.INVALID);

    private final NameTable names = new NameTable();
    private Target denied;
    private Target allowed;
    private ConnectProxy proxy;

    @BeforeEach
    void begin() throws IOException {
        denied = new Target(InetAddress.getByAddress(new byte[16]));
        allowed = new Target();
        proxy = new ConnectProxy();
    }

    @AfterEach
    void end() throws IOException {
        denied.close();
        allowed.close();
        proxy.close();
    }

    /** A host of a URL. Lines of a name have the addresses that it has, an answer of DNS after the other. */
    private List<String> hosts() {
        List<String> hosts = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(Path.of("src/test/resources/egress-cases.txt"))) {
                String[] words = line.replaceFirst("#.*", "").strip().split("\\s+", -1);
                if (!words[0].isEmpty()) {
                    hosts.add(words[0]);
                    if (words.length > 1) {
                        names.put(
                                words[0],
                                Arrays.stream(words)
                                        .skip(1)
                                        .map(EgressCasesTest::addresses)
                                        .<List<InetAddress>>toArray(List[]::new));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return hosts;
    }

    private static List<InetAddress> addresses(String list) {
        return Arrays.stream(list.split(",", -1)).map(EgressCasesTest::address).toList();
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"directly", "by redirects", "through a proxy"})
    void nothingGetsThrough(String way) {
        List<String> hosts = hosts();
        List<String> urls = new ArrayList<>();
        for (String host : hosts) {
            for (String scheme : List.of("http", "https")) {
                urls.add(scheme + "://" + host + ":" + denied.port() + "/");
            }
        }
        assertThat(new HashSet<>(urls)).hasSizeGreaterThanOrEqualTo(way.equals("directly") ? 250 : 2);
        if (way.equals("by redirects")) {
            for (int i = 0; i < urls.size(); i++) {
                allowed.respond("/" + i, 307, Map.of("Location", urls.get(i)), new byte[0]);
            }
        }
        HttpSender sender = Requests.sender(
                "127.0.0.1:" + allowed.port(),
                way.equals("through a proxy") ? by(false) : Config.Targets.DIRECT,
                client -> client.resolver(names));
        List<String> through = Flux.range(0, urls.size())
                .flatMap(
                        i -> Requests.sent(
                                        sender,
                                        Requests.get(way.equals("by redirects") ? allowed.url("/" + i) : urls.get(i)))
                                .filter(outcome -> !isRefused(outcome))
                                .map(outcome -> urls.get(i) + ": " + outcome),
                        32)
                .collectList()
                .block(Duration.ofSeconds(120));
        assertThat(through).isEmpty();
        assertThat(denied.connections()).isZero();
        assertThat(proxy.heads()).isEmpty();
        assertThat(allowed.count()).isEqualTo(way.equals("by redirects") ? urls.size() : 0);
        sender.close().block();
    }

    private static boolean isRefused(Outcome outcome) {
        return outcome instanceof Outcome.Failed failed
                && (REFUSED.contains(failed.kind()) || failed.message().contains("cannot be followed"));
    }

    private Config.Targets by(boolean trusted) {
        return new Config.Targets(
                null,
                new Proxy(new HostPort("127.0.0.1", proxy.port()), null, trusted),
                new TargetTlsFiles(null, null, TlsVersion.V1_2));
    }

    /** The address is looked up once for a connection, and that one is checked and connected to. */
    @Test
    void aNameThatMovesAfterTheCheckIsNotFollowed() {
        names.put(
                "rebind.example",
                List.of(address("127.0.0.1")),
                List.of(address("127.0.0.2")),
                List.of(address("127.0.0.1")));
        names.put("both.example", List.of(address("127.0.0.2"), address("127.0.0.1")));
        HttpSender sender = Requests.sender(
                new Config.Delivery(1, Duration.ofSeconds(1), 1 << 20, 1 << 20, Duration.ZERO),
                Config.Targets.DIRECT,
                Requests.egress("127.0.0.1:" + allowed.port(), ""),
                event -> {},
                client -> client.resolver(names));
        allowed.respond("/", 200, Map.of("Connection", "close"), new byte[0]);
        List<Boolean> responded = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            responded.add(
                    Requests.send(sender, Requests.get("http://rebind.example:" + allowed.port() + "/"))
                            instanceof Outcome.Responded);
        }
        assertThat(responded).containsExactly(true, false, true);
        assertThat(names.looks("rebind.example")).isEqualTo(3);
        assertThat(allowed.connections()).isEqualTo(2);
        // Of several addresses only those that are allowed are tried.
        assertThat(Requests.send(sender, Requests.get("http://both.example:" + allowed.port() + "/")))
                .isInstanceOf(Outcome.Responded.class);
        assertThat(denied.connections()).isZero();
        sender.close().block();
    }

    /** Else who queues would learn which names there are in the bridge's network. */
    @Test
    void aNameThatIsThereSoundsLikeOneThatIsNot() {
        names.put("intern.example", List.of(address("10.1.2.3")));
        HttpSender sender = Requests.sender("", Config.Targets.DIRECT, client -> client.resolver(names));
        for (int port : new int[] {80, 22, 8080}) {
            Outcome.Failed there = failed(sender, "intern.example", port);
            Outcome.Failed notThere = failed(sender, "nobody.example", port);
            assertThat(there.kind()).isEqualTo(notThere.kind());
            assertThat(there.message().replace("intern", "nobody"))
                    .isEqualTo(notThere.message())
                    .contains("nobody.example", "--egress-allow nobody.example:" + port + " would allow it");
        }
        assertThat(took(sender, "intern.example")).isBetween(450L, 900L);
        assertThat(took(sender, "nobody.example")).isBetween(450L, 900L);
        sender.close().block();
    }

    /** Its text says how long each step took: one whose address is known by now must not show. */
    @Test
    void aTimeOutDoesNotTellEither() {
        names.put("intern.example", List.of(address("10.1.2.3")));
        HttpSender sender = Requests.sender("", Config.Targets.DIRECT, client -> client.resolver(names));
        for (String host : List.of("intern.example", "nobody.example")) {
            Outcome.Failed failed = (Outcome.Failed)
                    Requests.send(sender, Queued.impatient("http://" + host + "/", Duration.ofMillis(200)));
            assertThat(failed.message())
                    .matches("Timeout of 200 ms reached. Total time: [0-9.]+ ms \\(DNS time: [1-9][0-9.]+ ms,"
                            + " TCP/SSL handshake time: 0.0 ms, HTTP Request/Response time: 0.0 ms\\)");
        }
        sender.close().block();
    }

    private static Outcome.Failed failed(HttpSender sender, String host, int port) {
        return (Outcome.Failed) Requests.send(sender, Requests.get("http://" + host + ":" + port + "/"));
    }

    private static long took(HttpSender sender, String host) {
        long started = System.nanoTime();
        failed(sender, host, 80);
        return (System.nanoTime() - started) / 1_000_000;
    }

    @Test
    void aProxyIsAskedForTheCheckedAddress() {
        names.put("api.example", List.of(address("127.0.0.1")));
        allowed.respond("/", 200, Map.of(), new byte[0]);
        HttpSender sender = Requests.sender("127.0.0.1:" + allowed.port(), by(false), client -> client.resolver(names));
        assertThat(Requests.send(sender, Requests.get("http://api.example:" + allowed.port() + "/")))
                .isInstanceOf(Outcome.Responded.class);
        assertThat(proxy.heads()).hasSize(1);
        assertThat(proxy.heads().get(0)).startsWith("CONNECT 127.0.0.1:" + allowed.port() + " HTTP/1.1");
        assertThat(allowed.only().header("host")).isEqualTo("api.example:" + allowed.port());
        sender.close().block();
    }

    /** TLS goes through to the target, which is asked by its name; the proxy has its credentials, and the target has not. */
    @Test
    void httpsGoesThroughAProxyThatAsksForCredentials(@TempDir Path secrets) throws IOException {
        Files.writeString(secrets.resolve("proxy"), "me:pa:ss");
        TlsServer tls = TlsServer.of("EC", "dns:api.example");
        names.put("api.example", List.of(address("127.0.0.1")));
        try (RawTarget target = new RawTarget(tls.sockets(), (number, socket) -> {
            RawTarget.head(socket);
            RawTarget.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        })) {
            String right = "proxy-authorization: Basic "
                    + Base64.getEncoder().encodeToString("me:pa:ss".getBytes(StandardCharsets.UTF_8));
            proxy.answering(head -> head.toLowerCase(Locale.ROOT).contains(right.toLowerCase(Locale.ROOT))
                    ? "200 OK"
                    : "407 Proxy Authentication Required");
            Config.Targets targets = new Config.Targets(
                    secrets,
                    new Proxy(new HostPort("127.0.0.1", proxy.port()), "proxy", false),
                    new TargetTlsFiles(null, null, TlsVersion.V1_2));
            HttpSender sender = Requests.sender(
                    "127.0.0.1",
                    targets,
                    client -> TestTls.trusting(tls).apply(client).resolver(names));
            QueuedRequest request = Requests.get("https://api.example:" + target.port() + "/");
            assertThat(Requests.send(sender, request)).isInstanceOf(Outcome.Responded.class);
            Files.writeString(secrets.resolve("proxy"), "nobody");
            HttpSender another = Requests.sender("127.0.0.1", targets, client -> client.resolver(names));
            assertThat(((Outcome.Failed) Requests.send(another, request)).message())
                    .endsWith("by the proxy (--egress-proxy): there are no credentials for it")
                    .doesNotContain("nobody");
            another.close().block();
            sender.close().block();
        }
    }

    /** It resolves names by itself; what the rules say of names, ports and addresses in the URL holds all the same. */
    @Test
    void aTrustedProxyIsAskedForNames() {
        allowed.respond("/", 200, Map.of(), new byte[0]);
        HttpSender sender = Requests.sender("", by(true), client -> client);
        assertThat(Requests.send(sender, Requests.get("http://api.example:" + allowed.port() + "/")))
                .isInstanceOf(Outcome.Responded.class);
        assertThat(proxy.heads().get(0)).startsWith("CONNECT api.example:" + allowed.port() + " HTTP/1.1");
        for (String host : List.of("10.1.2.3", "2130706433", "[::1]", "localhost", "a.localhost")) {
            assertThat(failed(sender, host, allowed.port()).kind()).as(host).isEqualTo(FailureKind.EGRESS_DENIED);
        }
        assertThat(failed(sender, "api.example", 22).kind()).isEqualTo(FailureKind.EGRESS_DENIED);
        assertThat(proxy.heads()).hasSize(1);
        sender.close().block();
    }

    @Test
    void whatAProxyRefusesSaysSo() throws IOException {
        proxy.answering(head -> "403 Forbidden");
        names.put("api.example", List.of(address("127.0.0.1")));
        HttpSender sender = Requests.sender("127.0.0.1:" + allowed.port(), by(false), client -> client.resolver(names));
        for (String scheme : List.of("http", "https")) {
            assertThat(Requests.send(sender, Requests.get(scheme + "://api.example:" + allowed.port() + "/")))
                    .isEqualTo(new Outcome.Failed(
                            FailureKind.CONNECT,
                            "No connection to api.example:" + allowed.port()
                                    + " by the proxy (--egress-proxy): it answers 403"));
        }
        proxy.close();
        assertThat(failed(sender, "api.example", allowed.port()).message()).endsWith("it cannot be reached");
        assertThat(allowed.connections()).isZero();
        sender.close().block();
    }
}
