package io.pgnetty.life;

import io.pgnetty.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** Senders that queue one request a transaction until told to stop, and remember what was committed. */
final class Load implements AutoCloseable {

    private final TestDatabase database;
    private final String url;
    private final Duration pause;
    private final ConcurrentLinkedQueue<String> committed = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private volatile boolean running = true;

    private Load(TestDatabase database, String url, Duration pause) {
        this.database = database;
        this.url = url;
        this.pause = pause;
    }

    /** As fast as they can. */
    static Load start(TestDatabase database, String url, int senders) {
        return start(database, url, senders, Duration.ZERO);
    }

    /** With a pause of that length after each request of a sender. */
    static Load start(TestDatabase database, String url, int senders, Duration pause) {
        Load load = new Load(database, url, pause);
        for (int i = 0; i < senders; i++) {
            Thread thread = new Thread(load::send, "sender-" + i);
            load.threads.add(thread);
            thread.start();
        }
        return load;
    }

    int count() {
        return committed.size();
    }

    /** Stops the senders and gives every id whose commit was confirmed. */
    List<String> stop() throws InterruptedException {
        running = false;
        for (Thread thread : threads) {
            thread.join();
        }
        return List.copyOf(committed);
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }

    private void send() {
        while (running) {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                while (running) {
                    committed.add(TestDatabase.rows(statement, "select net.http_post('" + url + "', '{\"a\": 1}')")
                            .get(0)
                            .get(0));
                    LockSupport.parkNanos(pause.toNanos());
                }
            } catch (SQLException e) {
                // The server is away: what was not confirmed does not count.
                Thread.onSpinWait();
            }
        }
    }
}
