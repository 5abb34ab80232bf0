package io.pgnetty.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP server over plain sockets that records what it gets, and answers as told down to the byte. A path that nobody set
 * is answered with 200 and what was sent.
 */
public final class Target implements AutoCloseable {

    private static final int MAX_RECORDED = 200_000;

    private final ServerSocket server;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger mostInFlight = new AtomicInteger();
    private final Map<String, AtomicInteger> byKey = new ConcurrentHashMap<>();
    private volatile boolean recording = true;

    /** What arrived. */
    public record Request(String method, String uri, Map<String, List<String>> headers, byte[] body) {
        public String header(String name) {
            List<String> values = headers.get(name.toLowerCase(Locale.ROOT));
            return values == null ? null : String.join(", ", values);
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /** Writes an answer, or does something worse. */
    @FunctionalInterface
    public interface Answer {
        /** Returns whether the connection stays open. */
        boolean write(Request request, OutputStream out, Socket socket) throws IOException, InterruptedException;
    }

    public Target() {
        this(InetAddress.getLoopbackAddress());
    }

    /** On a port of the caller's choice. */
    public Target(int port) {
        this(InetAddress.getLoopbackAddress(), port);
    }

    public Target(InetAddress address) {
        this(address, 0);
    }

    public Target(InetAddress address, int port) {
        try {
            server = new ServerSocket(port, 1024, address);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread("target-" + server.getLocalPort(), this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Its URL with a path. */
    public String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    /** Sets the answer to a path. */
    public Target on(String path, Answer answer) {
        answers.put(path, answer);
        return this;
    }

    /** Sets the bytes of the answer to a path, with ISO-8859-1 for each character; the connection is closed after them. */
    public Target raw(String path, String response) {
        return on(path, (request, out, socket) -> {
            out.write(response.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return false;
        });
    }

    /** Sets status, headers and body of the answer to a path. */
    public Target respond(String path, int status, Map<String, String> headers, byte[] body) {
        return on(path, (request, out, socket) -> {
            write(out, status, headers, body, request.method().equals("HEAD"));
            return true;
        });
    }

    /** Answers a path with these statuses in turn; the last one goes on. */
    public Target inTurn(String path, Map<String, String> headers, int... statuses) {
        AtomicInteger turn = new AtomicInteger();
        return on(path, (request, out, socket) -> {
            int status = statuses[Math.min(turn.getAndIncrement(), statuses.length - 1)];
            write(out, status, headers, ("turn " + turn.get()).getBytes(StandardCharsets.UTF_8), false);
            return true;
        });
    }

    /** A path whose requests wait until the latch opens. */
    public Target hold(String path, CountDownLatch latch) {
        return on(path, (request, out, socket) -> {
            latch.await();
            write(out, 200, Map.of(), "late".getBytes(StandardCharsets.UTF_8), false);
            return true;
        });
    }

    /** Counts only, for load. */
    public Target quiet() {
        recording = false;
        return this;
    }

    public List<Request> requests() {
        return List.copyOf(requests);
    }

    public Request only() {
        List<Request> all = requests();
        if (all.size() != 1) {
            throw new AssertionError("expected one request, got " + all.size() + ": " + all);
        }
        return all.get(0);
    }

    public int count() {
        return count.get();
    }

    public int connections() {
        return connections.get();
    }

    public int mostInFlight() {
        return mostInFlight.get();
    }

    /** How often each Idempotency-Key was seen. */
    public Map<String, AtomicInteger> keys() {
        return byKey;
    }

    /** Ends those that are open, so that the next request comes on a new one. */
    public void endConnections() {
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        endConnections();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                connections.incrementAndGet();
                sockets.add(socket);
                thread("target-connection", () -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            in.mark(1);
            if (in.read() == 0x16) {
                // The first byte of TLS, which is not spoken here.
                out.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                return;
            }
            in.reset();
            for (Request request = read(in); request != null; request = read(in)) {
                if (!answer(request, out, socket)) {
                    return;
                }
            }
        } catch (IOException | InterruptedException e) {
            // The client went away, or the test is over.
        } finally {
            sockets.remove(socket);
        }
    }

    private boolean answer(Request request, OutputStream out, Socket socket) throws IOException, InterruptedException {
        mostInFlight.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
        try {
            count.incrementAndGet();
            String key = request.header("idempotency-key");
            if (key != null) {
                byKey.computeIfAbsent(key, k -> new AtomicInteger()).incrementAndGet();
            }
            if (recording && requests.size() < MAX_RECORDED) {
                requests.add(request);
            }
            int query = request.uri().indexOf('?');
            Answer answer =
                    answers.get(query < 0 ? request.uri() : request.uri().substring(0, query));
            if (answer != null) {
                return answer.write(request, out, socket);
            }
            write(
                    out,
                    200,
                    Map.of("Content-Type", "text/plain"),
                    request.body(),
                    request.method().equals("HEAD"));
            return true;
        } finally {
            inFlight.decrementAndGet();
        }
    }

    private static void write(OutputStream out, int status, Map<String, String> headers, byte[] body, boolean head)
            throws IOException {
        StringBuilder text = new StringBuilder("HTTP/1.1 " + status + " Whatever\r\n");
        headers.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
        text.append("Content-Length: ").append(body.length).append("\r\n\r\n");
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(text.toString().getBytes(StandardCharsets.UTF_8));
        if (!head) {
            whole.write(body);
        }
        out.write(whole.toByteArray());
        out.flush();
    }

    private static Request read(InputStream in) throws IOException {
        String line = line(in);
        if (line == null) {
            return null;
        }
        String[] parts = line.split(" ");
        Map<String, List<String>> headers = new LinkedHashMap<>();
        int length = 0;
        for (String header = line(in); header != null && !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            String name = header.substring(0, colon).toLowerCase(Locale.ROOT);
            String value = header.substring(colon + 1).strip();
            headers.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
            if (name.equals("content-length")) {
                length = Integer.parseInt(value);
            }
        }
        return new Request(parts[0], parts[1], headers, in.readNBytes(length));
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                return null;
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private static void thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
