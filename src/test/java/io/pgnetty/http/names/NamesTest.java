package io.pgnetty.http.names;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.http.names.ResolvConf.Options;
import io.pgnetty.testing.DnsServer;
import io.pgnetty.testing.DnsServer.Answer;
import io.pgnetty.testing.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/** Names through a DNS server and a hosts file of the test's own. */
class NamesTest {

    private static final Options QUICK = new Options(Duration.ofSeconds(1), 5, 1, false);

    @TempDir
    Path folder;

    private final Target target = new Target();
    private final Map<String, Answer> zone = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> lost = new ConcurrentHashMap<>();
    private final DnsServer dns = new DnsServer(name -> {
        AtomicInteger left = lost.get(name);
        return left != null && left.getAndDecrement() > 0 ? Answer.LOST : zone.getOrDefault(name, Answer.NONE);
    });
    private Names names;

    @AfterEach
    void end() throws IOException {
        names.close();
        dns.close();
        target.close();
    }

    @Test
    void aLostPacketCostsASecond() throws IOException {
        zone.put("a.example", new Answer("127.0.0.1", 60));
        lost.put("a.example", new AtomicInteger(2));
        HttpClient client = client(QUICK);
        long started = System.nanoTime();
        assertThat(status(client, "a.example")).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - started))
                .isBetween(Duration.ofMillis(1_900), Duration.ofMillis(4_000));
        assertThat(dns.queries()).hasSize(3);
    }

    @Test
    void ofManyNamesAtOnceNoneIsLost() throws IOException {
        AtomicInteger number = new AtomicInteger();
        for (int i = 0; i < 2_000; i++) {
            zone.put("n" + i + ".example", new Answer("127.0.0.1", 60));
            if (i % 10 == 0) {
                lost.put("n" + i + ".example", new AtomicInteger(1));
            }
        }
        HttpClient client = client(QUICK);
        List<Integer> statuses = Flux.range(0, 2_000)
                .flatMap(
                        i -> Mono.fromCallable(() -> "n" + number.getAndIncrement() + ".example")
                                .flatMap(name -> get(client, name)),
                        300)
                .collectList()
                .block(Duration.ofSeconds(60));
        assertThat(statuses).hasSize(2_000).containsOnly(200);
    }

    @Test
    void whatIsConfiguredHolds() throws IOException {
        zone.put("a.search.example", new Answer("127.0.0.1", 60));
        names = new Names(
                new ResolvConf(
                        List.of(dns.address()),
                        List.of("search.example"),
                        new Options(Duration.ofSeconds(1), 2, 2, false)),
                hosts(""));
        assertThat(status(names.usedBy(HttpClient.newConnection()), "a")).isEqualTo(200);
        assertThat(dns.queries()).containsExactly("a.search.example");
        lost.put("b.c.d.example", new AtomicInteger(100));
        assertThat(status(names.usedBy(HttpClient.newConnection()), "b.c.d.example"))
                .isZero();
        assertThat(dns.queries()).filteredOn("b.c.d.example"::equals).hasSize(2);
    }

    @Test
    void anAnswerIsKeptForItsTimeToLive() throws IOException {
        zone.put("a.example", new Answer("127.0.0.1", 1));
        HttpClient client = client(QUICK);
        assertThat(status(client, "a.example")).isEqualTo(200);
        assertThat(status(client, "a.example")).isEqualTo(200);
        assertThat(dns.queries()).hasSize(1);
        zone.remove("a.example");
        org.awaitility.Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> status(client, "a.example") == 0);
        // And that there is none is forgotten soon.
        zone.put("a.example", new Answer("127.0.0.1", 1));
        org.awaitility.Awaitility.await().atMost(Duration.ofSeconds(6)).until(() -> status(client, "a.example") == 200);
    }

    @Test
    void localhostIsThisMachineWhateverIsSaid() throws IOException {
        zone.put("localhost", new Answer("192.0.2.1", 60));
        zone.put("a.localhost", new Answer("192.0.2.1", 60));
        names = new Names(
                new ResolvConf(List.of(dns.address()), List.of(), QUICK), hosts("192.0.2.1 localhost a.localhost\n"));
        HttpClient client = names.usedBy(HttpClient.newConnection());
        for (String name : List.of("localhost", "a.localhost", "LOCALHOST", "localhost.", "b.a.localhost.")) {
            assertThat(status(client, name)).as(name).isEqualTo(200);
        }
        assertThat(dns.queries()).isEmpty();
        try (HostsFile file = new HostsFile(hosts(""))) {
            assertThat(file.addresses("x.localhost"))
                    .extracting(java.net.InetAddress::getHostAddress)
                    .containsExactly("127.0.0.1", "0:0:0:0:0:0:0:1");
            assertThat(file.addresses("notlocalhost")).isEmpty();
        }
    }

    @Test
    void aChangeOfTheHostsFileIsSeen() throws IOException {
        Path path = hosts("127.0.0.1 a.example\n");
        try (HostsFile file = new HostsFile(path)) {
            assertThat(file.addresses("A.example.")).hasSize(1);
            Files.writeString(path, "127.0.0.2 b.example\n::1 b.example\n");
            Files.setLastModifiedTime(path, FileTime.fromMillis(System.currentTimeMillis() + 5_000));
            file.refresh();
            assertThat(file.addresses("a.example")).isEmpty();
            assertThat(file.addresses("b.example")).hasSize(2);
        }
        names = new Names(new ResolvConf(List.of(dns.address()), List.of(), QUICK), path);
    }

    @Test
    void resolvConfIsReadAsLibcReadsIt() {
        names = new Names(ResolvConf.parse(List.of()), folder.resolve("none"));
        ResolvConf conf = ResolvConf.parse(List.of(
                "# comment",
                "nameserver 192.0.2.1 ; the first",
                "nameserver\t2001:db8::1",
                "nameserver nonsense",
                "domain old.example",
                "search a.example b.example",
                "options timeout:2 attempts:3 ndots:4 rotate edns0",
                "options attempts:x timeout:99",
                "sortlist 192.0.2.0"));
        assertThat(conf.servers())
                .extracting(server -> server.getAddress().getHostAddress())
                .containsExactly("192.0.2.1", "2001:db8:0:0:0:0:0:1");
        assertThat(conf.search()).containsExactly("a.example", "b.example");
        assertThat(conf.options()).isEqualTo(new Options(Duration.ofSeconds(30), 3, 4, true));
        assertThat(ResolvConf.parse(List.of("")).options()).isEqualTo(QUICK);
    }

    private HttpClient client(Options options) throws IOException {
        names = new Names(new ResolvConf(List.of(dns.address()), List.of(), options), hosts(""));
        return names.usedBy(HttpClient.newConnection());
    }

    private Path hosts(String text) throws IOException {
        return Files.writeString(folder.resolve("hosts"), text);
    }

    private int status(HttpClient client, String host) {
        Integer status = get(client, host).block(Duration.ofSeconds(20));
        return status == null ? 0 : status;
    }

    /** The status; 0 where the name is not resolved. */
    private Mono<Integer> get(HttpClient client, String host) {
        return client.get()
                .uri("http://" + host + ":" + target.port() + "/")
                .response()
                .map(response -> response.status().code())
                .onErrorReturn(java.net.UnknownHostException.class, 0);
    }
}
