package io.pgnetty;

import io.pgnetty.cli.Cli;
import java.util.List;

/** The program in {@code pgnetty.jar}. */
public final class Main {

    private Main() {}

    /** Ends the process with the command's exit code: 0 done, 1 failed, 2 wrong use or configuration. */
    public static void main(String[] args) {
        System.exit(Cli.run(args, List.of()));
    }
}
