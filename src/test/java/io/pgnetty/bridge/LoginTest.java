package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Setting;
import io.pgnetty.testing.CuttableProxy;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bridge whose login the server begins to refuse, as after a rotation. */
class LoginTest {

    @TempDir
    private Path folder;

    /** The role of before may not log in any more, and the file has another one. */
    @Test
    void theLoginOfAFileIsReadAgain() throws IOException {
        TestDatabase database = TestPostgres.shared().installed();
        String name = database.one("select current_database()");
        database.run("create role a_" + name + " superuser login; create role b_" + name + " superuser login");
        Path file = Files.writeString(folder.resolve("url"), url(database, "a_" + name) + "\n");
        try (Target target = new Target();
                TestBridge bridge =
                        TestBridge.start(database, Map.of(Setting.URL, "", Setting.URL_FILE, file.toString()))) {
            assertThat(bridge.bridge()).isNotNull();
            Files.writeString(file, url(database, "b_" + name));
            database.run("alter role a_" + name + " nologin");
            database.run("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'a_" + name + "'");
            database.run("select net.http_get('" + target.url("/") + "')");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> database.one("select count(*) from net._http_response where status_code = 200")
                            .equals("1"));
            bridge.awaitReady();
        }
    }

    private static String url(TestDatabase database, String role) {
        return "postgresql://" + role + "@127.0.0.1:"
                + database.url().servers().get(0).port() + "/" + database.url().database();
    }

    @Test
    void aLoginThatIsRefusedIsTriedRarelyAndWorksAgain() throws IOException, InterruptedException {
        TestDatabase database = TestPostgres.shared().installed();
        String role = "bridge_" + database.one("select current_database()");
        database.run("create role " + role + " superuser login");
        try (Target target = new Target();
                CuttableProxy proxy =
                        new CuttableProxy(database.url().servers().get(0).port());
                TestBridge bridge = TestBridge.start(
                        database,
                        Map.of(
                                Setting.URL,
                                "postgresql://" + role + "@127.0.0.1:" + proxy.port() + "/"
                                        + database.url().database()))) {
            database.run("alter role " + role + " nologin");
            database.run("select pg_terminate_backend(pid) from pg_stat_activity where usename = '" + role + "'");
            Awaitility.await()
                    .until(() -> bridge.bridge()
                            .health()
                            .whyNotReady()
                            .filter(why -> why.contains("not permitted to log in"))
                            .isPresent());
            int before = proxy.connections();
            // What is counted is what does not happen.
            TimeUnit.SECONDS.sleep(5);
            assertThat(proxy.connections() - before).isLessThanOrEqualTo(15);

            database.run("alter role " + role + " login");
            database.run("select net.http_get('" + target.url("/") + "')");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(40))
                    .until(() -> database.one("select count(*) from net._http_response where status_code = 200")
                            .equals("1"));
            bridge.awaitReady();
        }
    }
}
