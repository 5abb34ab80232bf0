package io.pgnetty.life;

import io.pgnetty.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** Senders that queue one request a transaction until told to stop, and remember what was committed. */
final class Load implements AutoCloseable {

    private final TestDatabase database;
    private final String url;
    private final ConcurrentLinkedQueue<String> committed = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private volatile boolean running = true;

    private Load(TestDatabase database, String url) {
        this.database = database;
        this.url = url;
    }

    static Load start(TestDatabase database, String url, int senders) {
        Load load = new Load(database, url);
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
                }
            } catch (SQLException e) {
                // The server is away: what was not confirmed does not count.
                Thread.onSpinWait();
            }
        }
    }
}
