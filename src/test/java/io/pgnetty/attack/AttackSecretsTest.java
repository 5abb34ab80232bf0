package io.pgnetty.attack;

import static io.pgnetty.attack.Attackers.ATTACKER;
import static io.pgnetty.attack.Attackers.VICTIM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.config.Setting;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A secret that the victim may use: by each way that a request names one, and by each that changes somebody else's request. */
class AttackSecretsTest {

    private static final String VALUE = "the-victims-own-secret";
    private static final String KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    @TempDir
    Path folder;

    private final TestDatabase database = Attackers.database();
    private final TestDatabase attacker = database.as(ATTACKER);
    private final Target target = new Target();
    private TestBridge bridge;

    @BeforeEach
    void begin() throws IOException {
        Files.writeString(folder.resolve("token"), VALUE);
        Files.writeString(folder.resolve("key"), KEY);
        target.respond("/", 200, Map.of(), new byte[0]);
        for (String rule : List.of("'token', '*'", "'key', '*', use := 'signing'")) {
            String[] parts = rule.split(", use", 2);
            database.run("select net.allow_secret(" + parts[0] + ", roles := array['" + VICTIM
                    + "']::name[], plain_http := true" + (parts.length > 1 ? ", use" + parts[1] : "") + ")");
        }
        bridge = TestBridge.start(database, Map.of(Setting.SECRETS_DIR, folder.toString()));
    }

    @AfterEach
    void end() throws IOException {
        bridge.close();
        target.close();
    }

    @Test
    void noRequestOfTheAttackersHasIt() {
        String header = "'{\"X\": \"{{secret:token}}\"}'";
        String into = "insert into net.http_request_queue (method, url, headers) values ('GET', '" + target.url("/");
        for (String call : List.of(
                "select net.http_get('" + target.url("/") + "', headers := " + header + ")",
                "select net.http_get('" + target.url("/") + "', params := " + header + ")",
                "select net.http_get('" + target.url("/?k={{secret:token}}") + "')",
                "select net.http_get('" + target.url("/").replace("//", "//{{secret:token}}@") + "')",
                "select net.http_request('POST', '" + target.url("/") + "', body := '{}', sign_with := 'key')",
                into + "', " + header + ")",
                into + "?k=%7B%7Bsecret%3Atoken%7D%7D', '{}')",
                "create temp view mine as select method, url, sign_with from net.http_request_queue;"
                        + "alter view mine alter column sign_with set default 'key';"
                        + "insert into mine (method, url) values ('GET', '" + target.url("/") + "')")) {
            attacker.run(call);
            awaitDone();
        }
        assertThat(database.rows(
                        "select distinct substr(error_msg, 1, 8), queued_by::text from net._http_response order by 1"))
                .containsExactly(List.of("Secret k", ATTACKER), List.of("Secret t", ATTACKER));
        assertThat(target.requests()).isEmpty();
    }

    /** A request of the victim's is sent to where the victim wanted, and to nobody else's order. */
    @Test
    void noRequestOfTheVictimsIsTheAttackersToSend() {
        database.run("select net.pause('*')");
        String id = database.as(VICTIM)
                .one("select net.http_request('POST', 'http://10.0.0.1/', body := '{}',"
                        + " headers := '{\"X\": \"{{secret:token}}\"}', idempotency_key := 'k', keep_failed := true)");
        assertThat(attacker.one("select net.cancel(" + id + ")")).isEqualTo("f");
        // Another's key is another key.
        assertThat(attacker.one(
                        "select net.http_request('POST', 'http://10.0.0.1/', body := '{}', idempotency_key := 'k')"))
                .isNotEqualTo(id);
        database.run("select net.resume('*')");
        awaitDone();
        assertThat(database.one("select count(*) from net.dead_letter where id = " + id))
                .isEqualTo("1");
        assertThatThrownBy(() -> attacker.run("update net.dead_letter set url = '" + target.url("/") + "'"))
                .hasMessageContaining("permission denied");
        assertThat(attacker.rows("select id from net.dead_letter where id = " + id))
                .isEmpty();
        attacker.run("select net.redeliver_where(since := '2000-01-01')");
        awaitDone();
        assertThat(database.one("select count(*) from net.dead_letter where id = " + id))
                .isEqualTo("1");
        assertThat(target.requests()).isEmpty();
    }

    @Test
    void theRulesAreTheOwners() {
        for (String call : List.of(
                "select * from net.secret_rule",
                "insert into net.secret_rule (name, host_pattern, use, roles, plain_http, set_by) values ('token', '*', 'header', array['"
                        + ATTACKER + "']::regrole[], true, '" + ATTACKER + "')",
                "update net.secret_rule set roles = array['" + ATTACKER + "']::regrole[]",
                "delete from net.secret_rule",
                "select net.allow_secret('token', '*', array['" + ATTACKER + "']::name[])",
                "select net.disallow_secret('token')")) {
            assertThatThrownBy(() -> attacker.run(call)).as(call).hasMessageContaining("permission denied");
        }
    }

    private void awaitDone() {
        Awaitility.await()
                .until(() -> database.one("select count(*) from net.http_request_queue")
                        .equals("0"));
    }
}
