package io.pgnetty.demo;

import ch.qos.logback.classic.Level;
import io.pgnetty.cli.Logging;
import io.pgnetty.cli.Terminal;
import io.pgnetty.cli.Version;
import io.pgnetty.config.Config;
import io.pgnetty.config.ConfigReader;
import io.pgnetty.config.LogFormat;
import io.pgnetty.config.Setting;
import io.pgnetty.observe.LogListener;
import io.pgnetty.postgres.Schema;
import io.pgnetty.service.Service;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import reactor.netty.DisposableServer;

/** Runs everything on this machine and gives an SQL prompt. */
@Command(
        name = "demo",
        description =
                "The whole product on this machine, with nothing installed: PostgreSQL, the bridge, an echo target, "
                        + "an SQL prompt.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
final class DemoCommand implements Callable<Integer> {

    /** Preferred, so that the same example works each time; another free port where one is taken. */
    private static final int POSTGRES_PORT = 15432;

    private static final int ECHO_PORT = 18080;
    private static final int ADMIN_PORT = 9464;
    private static final int TOKEN_BITS = 128;
    private static final Duration STOP = Duration.ofSeconds(20);

    @Spec
    CommandSpec spec;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private boolean closed;

    @Override
    public Integer call() throws Exception {
        boolean interactive = Terminal.interactive();
        PrintWriter out = spec.commandLine().getOut();
        Logging.configure(LogFormat.TEXT, Level.WARN);
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "demo-close"));
        try {
            DemoPostgres postgres;
            // The lock is held from the start on: a signal waits, and then finds what there is to close.
            synchronized (opened) {
                postgres = step(
                        out, interactive, "starting PostgreSQL", () -> open(DemoPostgres.start(free(POSTGRES_PORT))));
            }
            DisposableServer echo =
                    EchoTarget.start(free(ECHO_PORT)).blockOptional().orElseThrow();
            open(echo::disposeNow);
            int admin = free(ADMIN_PORT);
            String token = token();
            step(out, interactive, "installing schema net, starting the bridge", () -> bridge(postgres, admin, token));
            welcome(out, postgres.text(), echo.port(), "http://127.0.0.1:" + admin + "/#token=" + token);
            try (Connection connection = postgres.connect()) {
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
                return new SqlPrompt(connection, in, out, interactive).run() ? 0 : 1;
            }
        } finally {
            close();
        }
    }

    private static String token() {
        return new BigInteger(TOKEN_BITS, new SecureRandom()).toString(Character.MAX_RADIX);
    }

    private Service bridge(DemoPostgres postgres, int admin, String token) throws Exception {
        Schema.run(
                        postgres.url(),
                        Schema.installScript(new Schema.Options(List.of(), Optional.empty(), Optional.empty())))
                .block();
        Service.Setup setup =
                new Service.Setup("demo", Version.current(), List.of(new LogListener()), UnaryOperator.identity());
        Service service = Service.start(config(postgres.text(), admin, postgres.file("page-token", token)), setup)
                .blockOptional()
                .orElseThrow();
        open(() -> service.stop().block(STOP));
        return service;
    }

    private static Config config(String url, int admin, Path token) {
        return new ConfigReader(
                        Map.of(
                                Setting.URL,
                                url,
                                Setting.ADMIN,
                                "127.0.0.1:" + admin,
                                Setting.ADMIN_TOKEN_FILE,
                                token.toString(),
                                Setting.EGRESS_ALLOW,
                                "127.0.0.0/8,::1",
                                Setting.DRAIN_TIMEOUT,
                                "5s",
                                Setting.LOG_FORMAT,
                                "text"),
                        Map.of())
                .read(true);
    }

    private static void welcome(PrintWriter out, String url, int echo, String page) {
        out.println("pgnetty " + Version.current() + ": PostgreSQL, the bridge and an echo target are running.");
        out.println();
        out.println("  page      " + page);
        out.println("  database  " + url);
        out.println("  echo      http://127.0.0.1:" + echo + "/ answers with what it was sent");
        out.println();
        out.println(
                "Try this. The request leaves when its statement has committed; the second line waits for the answer:");
        out.println();
        out.println("  select net.http_post('http://127.0.0.1:" + echo
                + "/hello', '{\"hello\": \"world\"}') as request_id;");
        out.println("  select * from net.http_get_result(1, async := false);");
        out.println();
        out.println("\\q, Ctrl-C or the end of the input ends the demo and leaves nothing behind.");
        out.println();
        out.flush();
    }

    /** Says what takes a while, to a person only. */
    private static <T> T step(PrintWriter out, boolean interactive, String what, Callable<T> work) throws IOException {
        if (interactive) {
            out.print(what + " …");
            out.flush();
        }
        try {
            return work.call();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        } finally {
            if (interactive) {
                out.print("\r\u001b[K");
                out.flush();
            }
        }
    }

    private <T extends AutoCloseable> T open(T resource) throws Exception {
        synchronized (opened) {
            if (closed) {
                // A signal came while it was being started.
                resource.close();
                throw new IOException("stopped");
            }
            opened.push(resource);
            return resource;
        }
    }

    /** Closes everything in reverse, once; the second caller waits for the first. */
    private void close() {
        synchronized (opened) {
            closed = true;
            while (!opened.isEmpty()) {
                try {
                    opened.pop().close();
                } catch (Exception e) {
                    spec.commandLine().getErr().println("pgnetty: closing failed: " + e.getMessage());
                }
            }
        }
    }

    private static int free(int preferred) {
        try (ServerSocket socket = new ServerSocket(preferred, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return any.getLocalPort();
            } catch (IOException none) {
                throw new UncheckedIOException(none);
            }
        }
    }
}
