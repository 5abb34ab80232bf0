package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import io.pgnetty.config.Setting;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Secrets from SQL to the wire: who may have which sent where, and that they are nowhere else. */
class SecretsTest {

    private static final String VALUE = "s3cr3t-Value-0815";
    private static final String DENIED =
            "not allowed for the role that queued (net.allow_secret), or not known to the bridge";

    @TempDir
    Path folder;

    private final Target target = new Target();
    private final Target other = new Target();
    private TestDatabase database;
    private TestDatabase alice;
    private TestDatabase bob;
    private TestBridge bridge;

    @BeforeEach
    void begin() throws IOException {
        Files.writeString(folder.resolve("token"), VALUE + "\n");
        database = TestPostgres.shared().empty();
        for (String role : List.of("secret_alice", "secret_bob", "secret_team")) {
            database.run("do $$ begin create role " + role + " login password '" + role
                    + "'; exception when duplicate_object then null; end $$");
        }
        database.run("grant secret_team to secret_alice");
        TestPostgres.install(database, "secret_alice", "secret_bob");
        alice = database.as("secret_alice");
        bob = database.as("secret_bob");
        bridge = TestBridge.start(database, Map.of(Setting.SECRETS_DIR, folder.toString()));
        target.respond("/", 200, Map.of(), new byte[0]);
        other.respond("/", 200, Map.of(), new byte[0]);
    }

    @AfterEach
    void end() throws IOException {
        bridge.close();
        target.close();
        other.close();
    }

    private void allow(String name, String pattern, String role, String more) {
        database.run("select net.allow_secret('" + name + "', '" + pattern + "', array['" + role + "']::name[]" + more
                + ")");
    }

    private static String host(Target place) {
        return "127.0.0.1:" + place.port();
    }

    private String get(TestDatabase as, String url, String headers) {
        return result(as, as.one("select net.http_get('" + url + "', headers := '" + headers + "')"));
    }

    /** Its status and message. */
    private static String result(TestDatabase as, String id) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> !as.one("select status from net.http_get_result(" + id + ")")
                        .equals("PENDING"));
        return as.one("select concat_ws(' ', status, message) from net.http_get_result(" + id + ")");
    }

    @Test
    void whoIsAllowedHasItSentAndItIsNowhereElse() {
        allow("token", host(target), "secret_alice", ", plain_http := true");
        assertThat(get(
                        alice,
                        target.url("/"),
                        "{\"X-Any\": \"a {{secret:token}}\", \"Authorization\": \"Bearer {{secret:token}}\"}"))
                .isEqualTo("SUCCESS ok");
        assertThat(target.only().header("x-any")).isEqualTo("a " + VALUE);
        assertThat(target.only().header("authorization")).isEqualTo("Bearer " + VALUE);
        assertThat(everything()).contains("secret_rule").doesNotContain(VALUE);
    }

    /** Every row of every table. */
    private String everything() {
        StringBuilder text = new StringBuilder();
        database.rows(
                        "select c.oid::regclass::text from pg_class c where c.relnamespace = 'net'::regnamespace and c.relkind = 'r'")
                .forEach(table ->
                        text.append(table.get(0)).append(database.rows("select t::text from " + table.get(0) + " t")));
        return text.toString();
    }

    /** So that nobody can find out which secrets there are. */
    @Test
    void whatIsNotAllowedAndWhatIsNotThereSoundAlike() {
        allow("gone", host(target), "secret_alice", ", plain_http := true");
        String denied = "ERROR Secret %s cannot be used for " + host(target) + " over plain http: " + DENIED;
        for (String name : List.of("token", "gone", "never")) {
            assertThat(get(alice, target.url("/"), "{\"X-Any\": \"{{secret:" + name + "}}\"}"))
                    .isEqualTo(denied.formatted(name));
        }
        assertThat(target.count()).isZero();
        assertThat(bridge.events(io.pgnetty.observe.Event.Unexplained.class)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "secret_bob, 127.0.0.1, ', plain_http := true'",
        "secret_alice, 127.0.0.2, ', plain_http := true'",
        "secret_alice, 127.0.0.1:1, ', plain_http := true'",
        "secret_alice, 127.0.0.1, ''",
        "secret_alice, 127.0.0.1, ', ''signing'', true'",
    })
    void anotherRoleHostSchemeOrUseIsDenied(String role, String pattern, String more) {
        allow("token", pattern, role, more);
        assertThat(get(alice, target.url("/"), "{\"X-Any\": \"{{secret:token}}\"}"))
                .contains(DENIED);
        assertThat(target.count()).isZero();
    }

    @Test
    void membersMayAndWhatIsTakenBackIsDeniedAtOnce() {
        allow("token", "*", "secret_team", ", plain_http := true");
        assertThat(get(alice, target.url("/"), "{\"X-Any\": \"{{secret:token}}\"}"))
                .isEqualTo("SUCCESS ok");
        assertThat(get(bob, target.url("/"), "{\"X-Any\": \"{{secret:token}}\"}"))
                .contains(DENIED);
        assertThat(database.one("select net.disallow_secret('token')")).isEqualTo("1");
        assertThat(get(alice, target.url("/"), "{\"X-Any\": \"{{secret:token}}\"}"))
                .contains(DENIED);
        assertThat(target.count()).isEqualTo(1);
    }

    @Test
    void oneThatIsRotatedHoldsAtOnce() throws IOException {
        allow("token", "*", "secret_alice", ", plain_http := true");
        get(alice, target.url("/"), "{\"X-Any\": \"{{secret:token}}\"}");
        Files.writeString(folder.resolve("token"), "another");
        get(alice, target.url("/"), "{\"X-Any\": \"{{secret:token}}\"}");
        assertThat(target.requests())
                .extracting(request -> request.header("x-any"))
                .containsExactly(VALUE, "another");
    }

    @Test
    void inTheQueryAndAsBasicCredentials() {
        allow("token", "*", "secret_alice", ", plain_http := true");
        String id = alice.one("select net.http_get('" + target.url("/")
                + "', params := '{\"k\": \"{{secret:token}}\", \"l\": \"x\"}',"
                + " headers := '{\"Authorization\": \"Basic me:{{secret:token}}\"}')");
        assertThat(result(alice, id)).isEqualTo("SUCCESS ok");
        assertThat(target.only().uri()).isEqualTo("/?k=" + VALUE + "&l=x");
        assertThat(target.only().header("authorization"))
                .isEqualTo("Basic "
                        + java.util.Base64.getEncoder()
                                .encodeToString(("me:" + VALUE).getBytes(StandardCharsets.UTF_8)));
        assertThat(everything()).doesNotContain(VALUE);
    }

    /** As with the user and password of any URL. */
    @ParameterizedTest
    @CsvSource({"me%40x.example:{{secret:token}}, me@x.example:" + VALUE, "{{secret:token}}, " + VALUE + ":"})
    void beforeTheHostOfAUrl(String userInfo, String credentials) {
        allow("token", "*", "secret_alice", ", plain_http := true");
        String url = target.url("/").replace("http://", "http://" + userInfo + "@");
        assertThat(get(alice, url, "{}")).isEqualTo("SUCCESS ok");
        assertThat(target.only().header("authorization"))
                .isEqualTo("Basic "
                        + java.util.Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
    }

    /** The database's trouble is nobody's fault: it holds up no other request. */
    @Test
    void whereTheDatabaseCannotBeAskedOthersGoOn() {
        database.run("alter table net.secret_rule rename to away");
        String id = alice.one("select net.http_get('" + target.url("/")
                + "', headers := '{\"X-Any\": \"{{secret:token}}\"}', timeout_milliseconds := 20000)");
        for (int i = 0; i < 5; i++) {
            assertThat(get(bob, target.url("/"), "{}")).isEqualTo("SUCCESS ok");
        }
        assertThat(result(alice, id))
                .isEqualTo("ERROR The bridge could not ask its database whether the request's secrets may be used");
        assertThat(bridge.events(io.pgnetty.observe.Event.Shortage.class)).isEmpty();
        assertThat(target.count()).isEqualTo(5);
    }

    /** Whoever serves both names would give it to the other. */
    @Test
    void aHostHeaderThatNamesAnotherHostIsDenied() {
        allow("token", host(target), "secret_alice", ", plain_http := true");
        assertThat(get(alice, target.url("/"), "{\"X-Any\": \"{{secret:token}}\", \"Host\": \"127.0.0.9\"}"))
                .contains(DENIED);
        assertThat(target.count()).isZero();
    }

    @Test
    void aRedirectTakesItToNoOtherOrigin() {
        allow("token", "*", "secret_alice", ", plain_http := true");
        target.respond("/same", 302, Map.of("Location", "/"), new byte[0]);
        target.respond("/away", 302, Map.of("Location", other.url("/")), new byte[0]);
        get(alice, target.url("/same"), "{\"X-Any\": \"{{secret:token}}\"}");
        get(alice, target.url("/away"), "{\"X-Any\": \"{{secret:token}}\", \"X-Other\": \"o\"}");
        assertThat(target.requests())
                .extracting(request -> request.header("x-any"))
                .containsExactly(VALUE, VALUE, VALUE);
        assertThat(other.only().header("x-any")).isNull();
        assertThat(other.only().header("x-other")).isEqualTo("o");
    }

    /** Many targets write the query of a request into the location that they redirect to. */
    @Test
    void aRedirectTakesAUrlWithASecretToNoOtherOrigin() {
        allow("token", "*", "secret_alice", ", plain_http := true");
        target.respond("/same", 302, Map.of("Location", "/away?k=" + VALUE), new byte[0]);
        target.respond("/away", 302, Map.of("Location", other.url("/?k=" + VALUE)), new byte[0]);
        for (String path : List.of("/same", "/away")) {
            String id = alice.one(
                    "select net.http_get('" + target.url(path) + "', params := '{\"k\": \"{{secret:token}}\"}')");
            assertThat(result(alice, id))
                    .isEqualTo("ERROR Redirect of " + host(target)
                            + " cannot be followed: it leads to another origin, and the URL has a secret");
        }
        assertThat(target.requests()).hasSize(3);
        assertThat(other.count()).isZero();
        assertThat(everything()).doesNotContain(VALUE);
    }

    /** A target could have others sent to it. */
    @Test
    void aLocationNamesNoSecrets() {
        allow("token", "*", "secret_alice", ", plain_http := true");
        target.respond("/begin", 302, Map.of("Location", "/?k=%7B%7Bsecret%3Atoken%7D%7D"), new byte[0]);
        get(alice, target.url("/begin"), "{\"X-Any\": \"{{secret:token}}\"}");
        assertThat(target.requests())
                .extracting(Target.Request::uri)
                .containsExactly("/begin", "/?k=%7B%7Bsecret%3Atoken%7D%7D");
    }

    @Test
    void aValueThatNoHeaderHoldsIsSaidWithoutIt() throws IOException {
        allow("token", "*", "secret_alice", ", plain_http := true");
        Files.writeString(folder.resolve("token"), VALUE + "\nX-More: 1");
        assertThat(get(alice, target.url("/"), "{\"X-Any\": \"{{secret:token}}\"}"))
                .contains("\"X-Any\" has a character that HTTP does not allow")
                .doesNotContain(VALUE);
        assertThat(target.count()).isZero();
    }

    @Test
    void aSignatureIsOfThisAttemptWithTheIdOfTheRequest() throws Exception {
        String key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        Files.writeString(folder.resolve("key"), key);
        allow("key", "*", "secret_alice", ", 'signing', true");
        target.inTurn("/sign", Map.of(), 500, 200);
        String id = alice.one(
                "select net.http_request('POST', '" + target.url("/sign")
                        + "', body := '{\"a\": \"\u00fc\"}', sign_with := 'key', max_attempts := 2, headers := '{\"webhook-id\": \"mine\"}')");
        assertThat(result(alice, id)).isEqualTo("SUCCESS ok");
        assertThat(target.requests()).hasSize(2);
        for (Target.Request request : target.requests()) {
            Map<String, List<String>> headers = new TreeMap<>(request.headers());
            new Webhook(key).verify(request.text(), headers);
            assertThat(headers.get("webhook-id")).hasSize(1);
        }
        assertThat(target.requests())
                .extracting(request -> request.header("webhook-id"))
                .containsOnly(target.requests().get(0).header("idempotency-key"));
    }

    @Test
    void aSecretThatIsNotForSigningSignsNothing() {
        allow("token", "*", "secret_alice", ", plain_http := true");
        String id = alice.one(
                "select net.http_request('POST', '" + target.url("/") + "', body := '{}', sign_with := 'token')");
        assertThat(result(alice, id)).contains(DENIED);
        assertThat(target.count()).isZero();
    }

    /** A dead letter keeps its name alone, and is signed again. */
    @Test
    void aRedeliveryIsSignedAgain() throws Exception {
        String key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        String id = alice.one("select net.http_request('POST', '" + target.url("/")
                + "', body := '{}', sign_with := 'key', keep_failed := true)");
        assertThat(result(alice, id)).contains(DENIED);
        Files.writeString(folder.resolve("key"), key);
        allow("key", "*", "secret_alice", ", 'signing', true");
        assertThat(result(alice, alice.one("select net.redeliver(" + id + ")"))).isEqualTo("SUCCESS ok");
        new Webhook(key)
                .verify(target.only().text(), new TreeMap<>(target.only().headers()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "net.http_get('http://h/', headers := '{\"a\": \"{{secret:}}\"}') | needs a name",
                "net.http_get('http://h/', headers := '{\"a\": [\"b\", \"{{secret:a/b}}\"]}') | needs a name",
                "net.http_get('http://h/', params := '{\"a\": \"{{secret:a b}}\"}', headers := '{\"a\": \"b\"}') | needs a name",
                "net.http_request('GET', 'http://h/', sign_with := '../x') | sign_with must be",
                "net.allow_secret('token', '*', array['secret_alice']::name[]) | permission denied",
                "net.disallow_secret('token') | permission denied",
            })
    void whatIsWrongIsSaidInTheCall(String call, String problem) {
        assertThatThrownBy(() -> alice.run("select " + call)).hasMessageContaining(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'../x', '*', array['secret_alice']::name[] | name must have",
                "null, '*', array['secret_alice']::name[] | name must have",
                "'x', null, array['secret_alice']::name[] | host_pattern must not be null",
                "'x', 'a b', array['secret_alice']::name[] | not a valid host pattern",
                "'x', '*', '{}' | roles must name",
                "'x', '*', array['secret_nobody']::name[] | does not exist",
                "'x', '*', array['secret_alice']::name[], 'other' | use must be header or signing",
            })
    void whatTheOwnerSaysIsChecked(String arguments, String problem) {
        assertThatThrownBy(() -> database.run("select net.allow_secret(" + arguments + ")"))
                .hasMessageContaining(problem);
    }
}
