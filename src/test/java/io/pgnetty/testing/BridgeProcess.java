package io.pgnetty.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** The real jar in a process of its own, ended by its id. */
public final class BridgeProcess implements AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final List<String> PROGRAM =
            List.of("-jar", Path.of("target", "pgnetty.jar").toString());

    private final Process process;
    private final Path log;
    private final int admin;

    private BridgeProcess(Process process, Path log, int admin) {
        this.process = process;
        this.log = log;
        this.admin = admin;
    }

    /** Starts `run` and waits until it is ready. */
    public static BridgeProcess run(TestDatabase database, String... more) {
        return runIn(List.of("-Xmx128m"), database, more);
    }

    /** Starts `run` in a JVM with options of the test's own, and waits until it is ready. */
    public static BridgeProcess runIn(List<String> jvm, TestDatabase database, String... more) {
        return run(List.of(), jvm, database, more);
    }

    private static BridgeProcess run(List<String> shell, List<String> jvm, TestDatabase database, String... more) {
        int admin = freePort();
        BridgeProcess bridge = launch(admin, shell, jvm, PROGRAM, Map.of(), runArguments(database, admin, more));
        bridge.awaitReady();
        return bridge;
    }

    private static List<String> runArguments(TestDatabase database, int admin, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "run", "--url", database.text(), "--admin", "127.0.0.1:" + admin, "--egress-allow", "127.0.0.0/8,::1"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    /** Starts `run` with at most that many open files, and waits until it is ready. */
    public static BridgeProcess runWithDescriptors(int limit, TestDatabase database, String... more) {
        return run(
                List.of("sh", "-c", "ulimit -n " + limit + " && exec \"$@\"", "sh"),
                List.of("-Xmx128m"),
                database,
                more);
    }

    /** Starts `run` of an older version and waits until it is ready. */
    public static BridgeProcess runOlder(OlderVersion version, TestDatabase database, String... more) {
        int admin = freePort();
        List<String> arguments = runArguments(database, admin, more);
        BridgeProcess bridge = launch(admin, List.of(), List.of("-Xmx128m"), version.program(), Map.of(), arguments);
        bridge.awaitReady();
        return bridge;
    }

    /** Starts any command of an older version. */
    public static BridgeProcess launchOlder(OlderVersion version, String... arguments) {
        return launch(0, List.of(), List.of("-Xmx128m"), version.program(), Map.of(), List.of(arguments));
    }

    /** Starts `run` on any URL and waits for nothing. */
    public static BridgeProcess starting(String url) {
        int admin = freePort();
        return launch(
                admin,
                List.of(),
                List.of("-Xmx128m"),
                PROGRAM,
                Map.of(),
                List.of("run", "--url", url, "--admin", "127.0.0.1:" + admin));
    }

    /** Starts any command. */
    public static BridgeProcess launch(Map<String, String> env, String... arguments) {
        return launch(0, List.of(), List.of("-Xmx128m"), PROGRAM, env, List.of(arguments));
    }

    private static BridgeProcess launch(
            int admin,
            List<String> shell,
            List<String> jvm,
            List<String> program,
            Map<String, String> env,
            List<String> arguments) {
        try {
            Path log = Files.createTempFile("pgnetty-test-", ".log");
            log.toFile().deleteOnExit();
            List<String> command = new ArrayList<>(shell);
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(jvm);
            command.add("-XX:+ExitOnOutOfMemoryError");
            command.addAll(program);
            command.addAll(arguments);
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.equals("DATABASE_URL"));
            builder.environment().putAll(env);
            return new BridgeProcess(builder.start(), log, admin);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void awaitReady() {
        try {
            Awaitility.await("ready")
                    .atMost(Duration.ofSeconds(90))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> status("/readyz") == 200);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("does not get ready; its log: " + log(), e);
        }
    }

    /** The status of a page of the admin side; 0 while nobody listens. */
    public int status(String path) {
        try {
            return get(path).statusCode();
        } catch (UncheckedIOException e) {
            return 0;
        }
    }

    public HttpResponse<String> get(String path) {
        try {
            return HTTP.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + path))
                            .timeout(Duration.ofSeconds(5))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public long pid() {
        return process.pid();
    }

    /** SIGTERM; gives the exit code. */
    public int terminate() {
        process.destroy();
        return exitCode();
    }

    public void kill() {
        process.destroyForcibly();
        exitCode();
    }

    public void signal(String signal) {
        try {
            new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public int exitCode() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("does not end; its log: " + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
    }

    /** A port on which nobody listens. */
    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
