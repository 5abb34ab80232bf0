package io.pgnetty.demo;

import java.io.IOException;
import java.util.Optional;

/** Where statements come from: a person at a terminal, or a pipe. */
interface Input extends AutoCloseable {

    /**
     * What was typed next: a line or, where lines can be edited together, several.
     *
     * @param prompt what to show before it, to a person
     * @return empty at the end
     */
    Optional<String> read(String prompt) throws IOException;

    /** Whether a person types, who sees what a statement was when its error comes. */
    boolean isTyped();

    /** Runs something that Ctrl-C is to cancel rather than to end the demo. */
    void cancellable(Runnable work, Runnable cancel);

    /** How many characters a line of results may have until it is hard to read. */
    int width();

    @Override
    void close() throws IOException;
}
