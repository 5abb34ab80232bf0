package io.pgnetty.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A TCP proxy that can swallow all bytes, as a network does that is cut without a word: no reset, no end. */
public final class CuttableProxy implements AutoCloseable {

    private final ServerSocket server;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile boolean cut;
    private volatile int generation;

    public CuttableProxy(int target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Accepted so far. */
    public int connections() {
        return connections.get();
    }

    /** From now on nothing gets through; what is connected now never gets through again. */
    public void cut() {
        cut = true;
        generation++;
    }

    /** New connections get through again. */
    public void heal() {
        cut = false;
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                connections.incrementAndGet();
                Socket upstream = connect(client);
                if (upstream == null) {
                    continue;
                }
                sockets.add(client);
                sockets.add(upstream);
                // One that begins during the cut is as dead as those before it.
                int born = cut ? -1 : generation;
                thread(() -> pump(client, upstream, born));
                thread(() -> pump(upstream, client, born));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    /** Null, with the client sent away, while nobody listens behind. */
    private Socket connect(Socket client) throws IOException {
        try {
            return new Socket(InetAddress.getLoopbackAddress(), target);
        } catch (IOException e) {
            client.close();
            return null;
        }
    }

    private void pump(Socket from, Socket to, int born) {
        byte[] buffer = new byte[64 << 10];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (born == generation) {
                    out.write(buffer, 0, read);
                }
            }
            to.close();
        } catch (IOException e) {
            // One side has gone; the other finds out.
        }
    }

    private static void thread(Runnable work) {
        Thread thread = new Thread(work, "proxy");
        thread.setDaemon(true);
        thread.start();
    }
}
