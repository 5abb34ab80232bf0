package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.observe.Event;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Header;
import io.pgnetty.request.Outcome;
import io.pgnetty.testing.FixedResolver;
import io.pgnetty.testing.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** No way around the rules, over real sockets: a server that counts its connections is never reached. */
@Tag("quick")
class EgressTest {

    private Target target;

    @BeforeEach
    void begin() throws IOException {
        // On every address of this machine.
        target = new Target(InetAddress.getByAddress(new byte[16]));
    }

    @AfterEach
    void end() throws IOException {
        target.close();
    }

    @Test
    void noSpellingOfThisMachineReachesIt() {
        List<Event> events = new CopyOnWriteArrayList<>();
        HttpSender sender = Requests.sender("", events::add, UnaryOperator.identity());
        Stream<String> hosts = Stream.of(
                "127.0.0.1",
                "127.1",
                "127.0.1",
                "2130706433",
                "0x7f000001",
                "0x7f.0.0.1",
                "0177.0.0.1",
                "017700000001",
                "127.0.0.2",
                "127.255.255.254",
                "0.0.0.0",
                "0",
                "localhost",
                "LOCALHOST",
                "localhost.",
                "127.0.0.1.",
                "[::1]",
                "[::]",
                "[0:0:0:0:0:0:0:1]",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "[::127.0.0.1]",
                "[64:ff9b::7f00:1]",
                "[64:ff9b::127.0.0.1]",
                "[2002:7f00:1::]",
                "[fe80::1]",
                "[fd00::1]",
                "\u2460\u2461\u2466.0.0.1",
                "\uff11\uff12\uff17.0.0.1",
                "169.254.169.254",
                "10.0.0.1",
                "192.168.1.1");
        hosts.forEach(host -> {
            Outcome outcome = Requests.send(sender, Requests.get("http://" + host + ":" + target.port() + "/"));
            assertThat(outcome)
                    .as(host)
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed -> assertThat(failed.kind())
                                    .as(host + ": " + failed.message())
                                    .isIn(FailureKind.EGRESS_DENIED, FailureKind.DNS, FailureKind.INVALID));
        });
        assertThat(target.connections()).isZero();
        assertThat(events.stream().filter(Event.EgressDenied.class::isInstance).count())
                .isGreaterThan(10);
        sender.close().block();
    }

    @Test
    void refusalNamesHostRuleAndRemedyAndNoAddress() {
        HttpSender sender = Requests.sender("", UnaryOperator.identity());
        Outcome.Failed failed =
                (Outcome.Failed) Requests.send(sender, Requests.get("http://localhost:" + target.port() + "/"));
        assertThat(failed.message())
                .isEqualTo("Refused by the egress rules: \"localhost\" (port " + target.port()
                        + ") is not a public address (loopback); --egress-allow localhost:" + target.port()
                        + " would allow it");
        sender.close().block();
    }

    @Test
    void noRedirectLeavesTheOneAllowedAddress() throws IOException {
        try (Target other = new Target(InetAddress.getByAddress(new byte[16]))) {
            HttpSender sender = Requests.sender("127.0.0.1:" + target.port(), UnaryOperator.identity());
            for (String location : List.of(
                    "http://127.0.0.1:" + other.port() + "/",
                    "http://127.0.0.2:" + target.port() + "/",
                    "http://localhost:" + other.port() + "/",
                    "//127.0.0.1:" + other.port() + "/",
                    "http://[::1]:" + target.port() + "/",
                    "http://0.0.0.0:" + target.port() + "/")) {
                target.respond("/", 302, Map.of("Location", location), new byte[0]);
                int before = target.count();
                Outcome.Failed failed = (Outcome.Failed) Requests.send(sender, Requests.get(target.url("/")));
                assertThat(failed.kind()).as(location).isEqualTo(FailureKind.EGRESS_DENIED);
                assertThat(target.count()).as(location).isEqualTo(before + 1);
            }
            assertThat(other.connections()).isZero();
            sender.close().block();
        }
    }

    @Test
    void credentialsDoNotCrossOrigins() throws IOException {
        try (Target other = new Target()) {
            HttpSender sender = Requests.sender("127.0.0.0/8", UnaryOperator.identity());
            target.respond("/away", 307, Map.of("Location", other.url("/there")), new byte[0]);
            target.respond("/home", 307, Map.of("Location", "/here"), new byte[0]);
            Header[] headers = {
                new Header("Authorization", "Bearer x"), new Header("Cookie", "a=b"), new Header("apikey", "k"),
                new Header("X-Api-Key", "k"), new Header("X-Auth-Token", "t"), new Header("Host", "virtual.example"),
                new Header("X-Trace", "1"), new Header("Idempotency-Key", "i"),
            };
            Requests.send(sender, Requests.get(target.url("/away"), headers));
            Requests.send(sender, Requests.get(target.url("/home"), headers));

            assertThat(other.only().headers().keySet())
                    .contains("x-trace", "idempotency-key")
                    .doesNotContain("authorization", "cookie", "apikey", "x-api-key", "x-auth-token");
            assertThat(other.only().header("host")).isEqualTo("127.0.0.1:" + other.port());
            assertThat(target.requests().get(2).headers().keySet()).contains("authorization", "cookie", "apikey");
            sender.close().block();
        }
    }

    @Test
    void bothAddressFamiliesAreTried() throws IOException {
        try (Target six = new Target(InetAddress.getByName("::1"))) {
            InetAddress[] both = {InetAddress.getByName("127.0.0.1"), InetAddress.getByName("::1")};
            HttpSender sender =
                    Requests.sender("127.0.0.0/8,::1", client -> client.resolver(new FixedResolver(List.of(both))));
            assertThat(Requests.send(sender, Requests.get("http://both.example:" + six.port() + "/")))
                    .isInstanceOf(Outcome.Responded.class);
            assertThat(Requests.send(sender, Requests.get("http://[::1]:" + six.port() + "/")))
                    .isInstanceOf(Outcome.Responded.class);
            sender.close().block();
        }
    }
}
