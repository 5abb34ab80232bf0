package io.pgnetty.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.Optional;

/** Statements of a script. */
record PipeInput(BufferedReader in) implements Input {

    private static final int WIDTH = 160;

    @Override
    public Optional<String> read(String prompt) throws IOException {
        return Optional.ofNullable(in.readLine());
    }

    @Override
    public boolean isTyped() {
        return false;
    }

    @Override
    public void cancellable(Runnable work, Runnable cancel) {
        work.run();
    }

    @Override
    public int width() {
        return WIDTH;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
