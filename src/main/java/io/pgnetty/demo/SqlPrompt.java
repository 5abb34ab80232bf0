package io.pgnetty.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A small psql: reads statements and the commands that people type, and has them run. */
final class SqlPrompt {

    private final Input input;
    private final PrintWriter out;
    private final Display display = new Display();
    private final Session session;
    private final Suggestions suggestions;

    SqlPrompt(Connection connection, Input input, PrintWriter out) {
        this.input = input;
        this.out = out;
        this.suggestions = new Suggestions(connection);
        this.session = new Session(connection, input, out, display, suggestions);
    }

    /**
     * Runs until {@code \q} or the end of the input.
     *
     * @return whether every statement succeeded
     */
    boolean run() throws IOException {
        SqlSplitter splitter = new SqlSplitter();
        for (Optional<String> text = input.read(prompt(false));
                text.isPresent();
                text = input.read(prompt(splitter.open()))) {
            for (String line : text.get().split("\n", -1)) {
                if (Backslash.isOne(line) || (!splitter.open() && Backslash.isWord(line))) {
                    splitter = new SqlSplitter();
                    if (!command(line)) {
                        return end();
                    }
                    continue;
                }
                splitter.add(line);
                for (Optional<String> next = splitter.next(); next.isPresent(); next = splitter.next()) {
                    session.run(next.get());
                }
            }
        }
        // A last statement needs no semicolon; a comment alone is none.
        if (splitter.open() && !splitter.rest().startsWith("--")) {
            session.run(splitter.rest());
        }
        return end();
    }

    private boolean end() {
        if (!session.transactionMark().isEmpty()) {
            out.println("The transaction is still open and is rolled back: nothing that it queued is sent.");
            out.flush();
        }
        return !session.failed();
    }

    /** As psql has it. */
    private String prompt(boolean open) {
        return "demo" + (open ? "-" : "=") + session.transactionMark() + "> ";
    }

    /** Does what a command says; false: the demo ends. */
    private boolean command(String line) {
        Optional<Backslash.Typed> typed = Backslash.of(line);
        if (typed.isEmpty()) {
            out.println("invalid command " + line.strip().replaceFirst("(?s)\\s.*", "")
                    + ". Try \\? for those that there are; psql has them all, connected as shown above.");
        } else {
            String argument = typed.get().argument();
            switch (typed.get().command()) {
                case QUIT -> {
                    return false;
                }
                case HELP -> help();
                case EXPANDED -> out.println(display.expand(argument));
                case TIMING -> out.println(display.time(argument));
                case DESCRIBE -> describe(typed.get());
                case TABLES -> relations(typed.get(), "rp");
                case VIEWS -> relations(typed.get(), "v");
                case FUNCTIONS -> functions(typed.get());
            }
        }
        out.flush();
        return true;
    }

    private void describe(Backslash.Typed typed) {
        String name = typed.argument();
        if (name.isEmpty() || name.contains("*")) {
            relations(typed, "rvp");
        } else {
            list(Resources.sql("describe_relation"), name, suggestions::noRelation);
        }
    }

    private void relations(Backslash.Typed typed, String kinds) {
        list(
                Resources.with(Resources.sql("list_relations", typed.more()), "kinds", kinds),
                typed.argument(),
                suggestions::noRelation);
    }

    private void functions(Backslash.Typed typed) {
        list(Resources.sql("list_functions", typed.more()), typed.argument(), suggestions::noFunction);
    }

    private void list(String query, String argument, UnaryOperator<String> none) {
        session.list(
                Resources.with(query, "pattern", argument),
                () -> argument.isEmpty() ? "There is none yet." : none.apply(argument));
    }

    private void help() {
        out.println(
                "Type SQL, each statement ended by a semicolon; Tab completes names, the arrows go through what was typed.");
        Backslash.help().forEach(out::println);
        out.println("Try: select * from net.requests order by id desc limit 5;");
    }
}
