package io.pgnetty.demo;

import ch.qos.logback.classic.Level;
import io.pgnetty.cli.Logging;
import io.pgnetty.cli.Terminal;
import io.pgnetty.cli.Version;
import io.pgnetty.config.LogFormat;
import io.pgnetty.service.Service;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.math.BigInteger;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import reactor.netty.DisposableServer;

/** Runs everything on this machine and gives an SQL prompt. */
@Command(
        name = "demo",
        description = "The whole product on this machine, with nothing installed: PostgreSQL, the bridge, "
                + "an HTTP server to send to, an SQL prompt.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  java -jar pgnetty-demo.jar demo                      try it",
            "  java -jar pgnetty-demo.jar demo < script.sql         run a script; the exit code is 1 if a statement fails",
            "  java -jar pgnetty-demo.jar demo --no-prompt --port 15433   for tests of yours, in any language"
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
final class DemoCommand implements Callable<Integer> {

    /** Preferred, so that the same example works each time; another free port where one is taken. */
    private static final int POSTGRES_PORT = 15432;

    private static final int TARGET_PORT = 18080;
    private static final int ADMIN_PORT = 9464;
    private static final int TOKEN_BITS = 128;
    private static final Duration STOP = Duration.ofSeconds(20);

    @Spec
    CommandSpec spec;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "PostgreSQL's port; default: " + POSTGRES_PORT + ", or another where that is taken")
    int port;

    @Option(
            names = "--target-port",
            paramLabel = "PORT",
            description = "the HTTP server's port; default: " + TARGET_PORT + ", or another where that is taken")
    int targetPort;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "keep the data in this folder, and go on with what is in it; default: nothing is kept")
    @Nullable
    Path data;

    @Option(names = "--no-prompt", description = "no SQL prompt: it runs until Ctrl-C or SIGTERM")
    boolean noPrompt;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private @Nullable DemoFolder files;
    private boolean closed;

    @Override
    public Integer call() throws Exception {
        boolean interactive = Terminal.interactive();
        PrintWriter out = spec.commandLine().getOut();
        // A line of the log would be written into the one that is being typed; net.requests and the page have what it
        // says.
        Logging.configure(LogFormat.TEXT, interactive && !noPrompt ? Level.ERROR : Level.WARN);
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "demo-close"));
        try {
            asked("--port", port);
            asked("--target-port", targetPort);
            DemoPostgres postgres;
            // The lock is held from the start on: a signal waits, and then finds what there is to close.
            synchronized (opened) {
                postgres = step(out, interactive, "starting PostgreSQL", this::postgres);
            }
            DisposableServer target = Ports.on(
                    targetPort,
                    TARGET_PORT,
                    free -> DemoTarget.start(free).blockOptional().orElseThrow());
            open(target::disposeNow);
            String token = token();
            Service service =
                    step(out, interactive, "installing schema net, starting the bridge", () -> bridge(postgres, token));
            new Welcome(postgres.text(), target.port(), "http://127.0.0.1:" + service.adminPort() + "/#token=" + token)
                    // Where statements are read from a pipe, standard output is theirs.
                    .print(interactive || noPrompt ? out : spec.commandLine().getErr(), !noPrompt);
            if (noPrompt) {
                new CountDownLatch(1).await();
            }
            return prompt(postgres, interactive, out);
        } finally {
            close();
        }
    }

    private int prompt(DemoPostgres postgres, boolean interactive, PrintWriter out) throws Exception {
        boolean succeeded;
        try (Connection connection = postgres.connect();
                Input input = input(connection, interactive)) {
            succeeded = new SqlPrompt(connection, input, out).run();
        }
        // A person has seen it; a script can tell.
        if (interactive) {
            return 0;
        }
        try (Connection other = postgres.connect()) {
            LastRequests.await(other, spec.commandLine().getErr());
        }
        return succeeded ? 0 : 1;
    }

    private static String token() {
        return new BigInteger(TOKEN_BITS, new SecureRandom()).toString(Character.MAX_RADIX);
    }

    private DemoPostgres postgres() throws Exception {
        DemoFolder folder = open(DemoFolder.temporary());
        files = folder;
        Optional<Path> kept = kept();
        return open(Ports.on(port, POSTGRES_PORT, free -> DemoPostgres.start(folder, kept, free)));
    }

    private Optional<Path> kept() throws Exception {
        if (data == null) {
            return Optional.empty();
        }
        Path place = data.toAbsolutePath();
        Path kept;
        try {
            kept = DemoFolder.keptAt(place);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), "--data: " + e.getMessage(), e);
        }
        open(() -> DemoFolder.release(place));
        return Optional.of(kept);
    }

    private Service bridge(DemoPostgres postgres, String token) throws Exception {
        Path file = Objects.requireNonNull(files).file("page-token", token);
        DemoBridge.install(postgres);
        Service service = Ports.on(ADMIN_PORT, admin -> DemoBridge.start(postgres, admin, file));
        open(() -> service.stop().block(STOP));
        return service;
    }

    private Input input(Connection connection, boolean interactive) throws IOException {
        if (!interactive) {
            return new PipeInput(new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())));
        }
        return TerminalInput.open(
                new Names(connection, Resources.sql("names")),
                Optional.ofNullable(data).map(folder -> folder.resolve("history")));
    }

    /** A port that was asked for, or 0. */
    private int asked(String option, int given) {
        if (given < 0 || given > Ports.MAX) {
            throw new ParameterException(
                    spec.commandLine(), option + " must be from 1 to " + Ports.MAX + ", not " + given);
        }
        if (given != 0 && !Ports.isFree(given)) {
            throw new ParameterException(
                    spec.commandLine(),
                    option + " " + given + " is taken: give another, or none, and a free one is found");
        }
        return given;
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
}
