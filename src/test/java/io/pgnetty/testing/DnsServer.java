package io.pgnetty.testing;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A small DNS server over UDP that knows what a test tells it, and loses what it is told to lose. */
public final class DnsServer implements AutoCloseable {

    private static final int NXDOMAIN = 3;

    private final DatagramSocket socket;
    private final List<String> queries = new CopyOnWriteArrayList<>();
    private final Zone zone;

    /** An answer: an IPv4 address and its time to live; or what else becomes of a query. */
    public record Answer(String address, int ttl) {
        public static final Answer NONE = new Answer("", 0);
        public static final Answer LOST = new Answer("lost", 0);
    }

    /** What there is. */
    @FunctionalInterface
    public interface Zone {
        /** Answers a query for the IPv4 address of a name without its last dot. */
        Answer answer(String name);
    }

    public DnsServer(Zone zone) {
        this.zone = zone;
        try {
            socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
            socket.setReceiveBufferSize(1 << 20);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(this::serve, "dns-server");
        thread.setDaemon(true);
        thread.start();
    }

    public InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
    }

    /** The names that IPv4 addresses were asked for. */
    public List<String> queries() {
        return List.copyOf(queries);
    }

    @Override
    public void close() {
        socket.close();
    }

    private void serve() {
        byte[] buffer = new byte[4096];
        while (!socket.isClosed()) {
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            try {
                socket.receive(packet);
                byte[] reply = reply(Arrays.copyOf(packet.getData(), packet.getLength()));
                if (reply.length > 0) {
                    socket.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
                }
            } catch (IOException e) {
                return;
            }
        }
    }

    private byte[] reply(byte[] query) throws IOException {
        StringBuilder name = new StringBuilder();
        int at = 12;
        while (query[at] != 0) {
            name.append(name.length() == 0 ? "" : ".")
                    .append(new String(query, at + 1, query[at], StandardCharsets.US_ASCII));
            at += query[at] + 1;
        }
        boolean v4 = query[at + 2] == 1;
        Answer answer = v4 ? zone.answer(name.toString()) : null;
        if (v4) {
            queries.add(name.toString());
        }
        if (answer == Answer.LOST) {
            return new byte[0];
        }
        boolean found = answer != null && answer != Answer.NONE;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(query, 0, 2);
        // Recursion is available; no such name unless there is an answer, or another type was asked for.
        out.writeShort(0x8180 | (v4 && !found ? NXDOMAIN : 0));
        out.writeShort(1);
        out.writeShort(found ? 1 : 0);
        out.writeInt(0);
        out.write(query, 12, at + 5 - 12);
        if (found) {
            out.writeShort(0xc00c);
            out.writeShort(1);
            out.writeShort(1);
            out.writeInt(answer.ttl());
            out.writeShort(4);
            out.write(InetAddress.getByName(answer.address()).getAddress());
        }
        return bytes.toByteArray();
    }
}
