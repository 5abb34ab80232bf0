package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Setting;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Whoever queues is let to the bridge's database and ports by no entry of {@code --egress-allow}, by no name and no address. */
class OwnPlacesTest {

    private final TestDatabase database = TestPostgres.shared().installed();

    @Test
    void ownDatabaseAndPortsAreDenied() throws IOException {
        int admin = free();
        int probes = free();
        int postgres = database.url().servers().get(0).port();
        try (TestBridge bridge = TestBridge.start(
                database,
                Map.of(
                        Setting.EGRESS_ALLOW, "0.0.0.0/0,::/0,localhost,*.localhost",
                        Setting.ADMIN, "127.0.0.1:" + admin,
                        Setting.PROBES, "127.0.0.1:" + probes))) {
            for (int port : List.of(admin, probes, postgres)) {
                for (String host : List.of(
                        "127.0.0.1",
                        "127.0.0.2",
                        "localhost",
                        "a.localhost",
                        "[::1]",
                        "0.0.0.0",
                        "[::ffff:127.0.0.1]")) {
                    assertThat(error("http://" + host + ":" + port + "/"))
                            .as(host + " " + port)
                            .contains("is the bridge's own database or port, which nothing allows");
                }
            }
            // Another port of this machine is as the operator says.
            assertThat(error("http://127.0.0.1:" + free() + "/")).contains("Connection refused");
            assertThat(bridge.bridge().health().whyNotReady()).isEmpty();
        }
    }

    private String error(String url) {
        String id = database.one("select net.http_get('" + url + "')");
        Awaitility.await()
                .until(() -> !database.one("select status from net.http_get_result(" + id + ")")
                        .equals("PENDING"));
        return database.one("select message from net.http_get_result(" + id + ")");
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
