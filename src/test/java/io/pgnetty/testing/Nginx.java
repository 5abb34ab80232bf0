package io.pgnetty.testing;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A real nginx: HTTP/1.1 on one port, over TLS on the next, HTTP/2 over TLS on the third. It answers with the path, ends a connection after
 * 50 requests, and takes bodies of up to 100,000 bytes.
 */
public final class Nginx implements AutoCloseable {

    private static final Path PROGRAM = Path.of("/usr/sbin/nginx");
    private static final int PORTS = 3;

    private final Process process;
    private final List<Integer> ports;

    private Nginx(Process process, List<Integer> ports) {
        this.process = process;
        this.ports = ports;
    }

    public static boolean installed() {
        return Files.isExecutable(PROGRAM);
    }

    public static Nginx start(TlsServer tls) {
        try {
            List<Integer> ports = freePorts();
            Path folder = Files.createTempDirectory("pgnetty-nginx-");
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.writeString(folder.resolve("server.pem"), tls.pem());
            String server = """
                    keepalive_requests 50;
                    keepalive_timeout 2s;
                    client_max_body_size 100000;
                    ssl_certificate @/server.pem;
                    ssl_certificate_key @/server.pem;
                    location / { default_type text/plain; return 200 "$request_method $request_uri $content_length $http_x_case"; }
                    location /file/ { alias @/; gzip on; gzip_types *; gzip_min_length 1; }
                    """;
            Files.writeString(folder.resolve("lines.txt"), "a line that is there often\n".repeat(10_000));
            Path conf = Files.writeString(folder.resolve("nginx.conf"), """
                    daemon off;
                    worker_processes 2;
                    pid @/pid;
                    error_log @/error.log;
                    events { worker_connections 512; }
                    http {
                      access_log off;
                      client_body_temp_path @/body;
                      proxy_temp_path @/proxy;
                      fastcgi_temp_path @/fastcgi;
                      uwsgi_temp_path @/uwsgi;
                      scgi_temp_path @/scgi;
                      server { listen 127.0.0.1:%d; %s }
                      server { listen 127.0.0.1:%d ssl; %s }
                      server { listen 127.0.0.1:%d ssl http2; %s }
                    }
                    """.formatted(
                            ports.get(0), server, ports.get(1), server, ports.get(2), server)
                    .replace("@", folder.toString()));
            Process process = new ProcessBuilder(PROGRAM.toString(), "-p", folder.toString(), "-c", conf.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
            Awaitility.await("nginx")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> ports.stream().allMatch(Nginx::accepts));
            return new Nginx(process, ports);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it speaks HTTP/1.1, HTTP/1.1 over TLS, and HTTP/2. */
    public List<String> urls() {
        return List.of(
                "http://127.0.0.1:" + ports.get(0),
                "https://127.0.0.1:" + ports.get(1),
                "https://127.0.0.1:" + ports.get(2));
    }

    /** Has it replace its workers, as after a change of its configuration: what is under way is answered. */
    public void reload() {
        try {
            assertThat(new ProcessBuilder("kill", "-HUP", String.valueOf(process.pid()))
                            .inheritIO()
                            .start()
                            .waitFor())
                    .isZero();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Integer> freePorts() throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < PORTS; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
