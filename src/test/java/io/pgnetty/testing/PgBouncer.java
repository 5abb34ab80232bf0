package io.pgnetty.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.awaitility.Awaitility;

/** A real PgBouncer in transaction mode, ended with the JVM. */
public final class PgBouncer {

    private static final Path PROGRAM = Path.of("/usr/sbin/pgbouncer");

    private final int port;

    private PgBouncer(int port) {
        this.port = port;
    }

    public static boolean installed() {
        return Files.isExecutable(PROGRAM);
    }

    public static PgBouncer inFrontOf(TestDatabase database) {
        return inFrontOf(database, "transaction", "extra_float_digits");
    }

    /** One that says that it has taken settings, and has not, as some poolers do. */
    public static PgBouncer takingAll(TestDatabase database, String mode, Collection<String> settings) {
        return inFrontOf(database, mode, String.join(", ", settings));
    }

    private static PgBouncer inFrontOf(TestDatabase database, String mode, String ignored) {
        try {
            int port = freePort();
            Path folder = Files.createTempDirectory("pgnetty-pgbouncer-");
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.writeString(
                    folder.resolve("users.txt"),
                    "\"" + database.url().user() + "\" \"" + database.url().password() + "\"\n");
            Path ini = Files.writeString(folder.resolve("pgbouncer.ini"), """
                    [databases]
                    * = host=127.0.0.1 port=%d
                    [pgbouncer]
                    listen_addr = 127.0.0.1
                    listen_port = %d
                    unix_socket_dir =
                    auth_type = plain
                    auth_file = %s/users.txt
                    pool_mode = %s
                    default_pool_size = 12
                    ignore_startup_parameters = %s
                    """.formatted(
                            database.url().servers().get(0).port(), port, folder, mode, ignored));
            List<String> command = new ArrayList<>(List.of(PROGRAM.toString(), "-q"));
            if (System.getProperty("user.name").equals("root")) {
                // It refuses to be root.
                command.addAll(List.of("-u", "nobody"));
            }
            command.add(ini.toString());
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
            Awaitility.await("pgbouncer").atMost(Duration.ofSeconds(10)).until(() -> accepts(port));
            return new PgBouncer(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url(TestDatabase database) {
        return database.text().replace(":" + database.url().servers().get(0).port() + "/", ":" + port + "/");
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
