package io.pgnetty.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Names the jar that has the demo. */
@Command(name = "demo", description = "Is in the other jar: java -jar target/pgnetty-demo.jar demo")
final class NoDemoCommand implements Callable<Integer> {

    @Override
    public Integer call() {
        throw new Failure.CommandFailure(
                "the demo needs an embedded PostgreSQL, which this jar leaves out: java -jar target/pgnetty-demo.jar demo");
    }
}
