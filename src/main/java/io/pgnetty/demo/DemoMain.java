package io.pgnetty.demo;

import io.pgnetty.cli.Cli;
import java.util.List;

/** The program in {@code pgnetty-demo.jar}: all commands, and the demo. */
public final class DemoMain {

    private DemoMain() {}

    /** Ends the process with the command's exit code. */
    public static void main(String[] args) {
        System.exit(Cli.run(args, List.of(new DemoCommand())));
    }
}
