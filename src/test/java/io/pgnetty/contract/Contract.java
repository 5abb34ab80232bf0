package io.pgnetty.contract;

import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;

/** What the classes of the contract share: a backend, a target of the test's own, and a few words to say things with. */
abstract class Contract {

    @Parameter
    Backend backend;

    TestDatabase database;
    TestBridge bridge;
    Target target;

    @BeforeEach
    void begin() {
        Backend.Running running = backend.running();
        database = running.database();
        bridge = running.bridge();
        target = new Target();
    }

    @AfterEach
    void end() throws IOException {
        if (target != null) {
            target.close();
        }
    }

    /** Queues with a select that returns the id, and waits for the result. */
    Result send(String select) {
        return result(queue(select));
    }

    String queue(String select) {
        return database.one(select);
    }

    Result result(String id) {
        return result(database, id);
    }

    static Result result(TestDatabase database, String id) {
        List<String> row = database.rows("select status, message, (response).status_code, (response).headers,"
                        + " (response).body from net.http_get_result(" + id + ", async := false)")
                .get(0);
        return new Result(id, row.get(0), row.get(1), row.get(2), row.get(3), row.get(4));
    }

    /** A row of {@code net._http_response}. */
    List<String> row(String id) {
        return database.rows("select status_code, content_type, headers, content, timed_out, error_msg,"
                        + " encode(content_bytes, 'hex') from net._http_response where id = " + id)
                .get(0);
    }

    record Result(String id, String status, String message, String code, String headers, String body) {}
}
