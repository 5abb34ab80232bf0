package io.pgnetty.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;

/** A server that does with each connection what a test tells it, byte for byte; the connection is closed after that. */
public final class RawTarget implements AutoCloseable {

    private final ServerSocket server;
    private final Script script;
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    /** What is done with a connection. */
    @FunctionalInterface
    public interface Script {
        /** @param number of the connection, from 1 on */
        void run(int number, Socket socket) throws IOException, InterruptedException;
    }

    public RawTarget(Script script) {
        this(ServerSocketFactory.getDefault(), script);
    }

    public RawTarget(ServerSocketFactory sockets, Script script) {
        this.script = script;
        try {
            server = sockets.createServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    public String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    public int connections() {
        return connections.get();
    }

    /** Reads the head of a request; null at the end of the connection. */
    public static String head(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                return null;
            }
            head.write(b);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    public static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** Closes a connection with RST instead of FIN. */
    public static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                sockets.add(socket);
                int number = connections.incrementAndGet();
                start(() -> serve(number, socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(int number, Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            script.run(number, socket);
        } catch (IOException | InterruptedException e) {
            // The client went away, or the test is over.
        } finally {
            sockets.remove(socket);
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "raw-target");
        thread.setDaemon(true);
        thread.start();
    }
}
