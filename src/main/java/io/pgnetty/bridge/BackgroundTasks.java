package io.pgnetty.bridge;

import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/** Owns work that nobody waits for: each runs until it ends, or until all of it is given up. */
final class BackgroundTasks {

    private final Disposable.Composite all = Disposables.composite();

    /** Starts work, which must not error. */
    void start(Mono<?> work) {
        Disposable.Swap one = Disposables.swap();
        if (!all.add(one)) {
            // Given up already: nothing is started any more.
            return;
        }
        one.update(work.doFinally(signal -> all.remove(one)).subscribe());
    }

    /** Gives up what still runs, and whatever is started from now on. */
    void close() {
        all.dispose();
    }
}
