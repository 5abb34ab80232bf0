package io.pgnetty.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jline.reader.Candidate;
import org.jline.reader.EOFError;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.Test;

/** The demo's prompt, on a real database. */
class PromptTest {

    private static final TestDatabase DATABASE = TestPostgres.shared().installed();

    @Test
    void knowsTheCommandsThatPeopleType() {
        DATABASE.run("create table if not exists prompt_note (id int primary key, text text default 'x')");
        assertThat(run("\\d")).contains("prompt_note", "net    | requests ").doesNotContain("key_slot");
        assertThat(run("\\d")).doesNotContain("Description").contains(" public | prompt_note", " net    | requests");
        assertThat(run("\\d").indexOf("prompt_note")).isLessThan(run("\\d").indexOf("_http_response"));
        assertThat(run("\\dv+ net.requests")).contains("Description");
        assertThat(run("\\d prompt_note"))
                .contains(" id     | integer | not null |", " text   | text    |          | 'x'::text");
        assertThat(run("\\dt net.h*"))
                .contains("host_rule", "http_request_queue")
                .doesNotContain("_http_response", "prompt_note");
        assertThat(run("\\dv")).contains("my_requests").doesNotContain("_http_response");
        assertThat(run("\\df net.http_get"))
                .contains("http_get", "timeout_milliseconds")
                .doesNotContain("http_get_result");
        assertThat(run("\\df net.*")).contains("http_post").doesNotContain("stamp_order", "Description");
        assertThat(run("\\df net.stamp_order")).contains("stamp_order");
        assertThat(run("\\df+ net.cancel")).contains("Description");
        assertThat(run("\\df net.http_get"))
                .contains("idempotency_key text DEFAULT NULL,")
                .doesNotContain("NULL::");
        assertThat(run("\\d no_such")).contains("There is no no_such of this kind.");
        assertThat(run("\\df no.such*")).contains("There is no no.such* of this kind.");
        assertThat(run("\\d a'b", "\\d a b"))
                .contains("There is no a'b of this kind.")
                .doesNotContain("LINE");
        assertThat(run("\\timing foo", "select 1;"))
                .contains("\\timing takes on or off, not \"foo\"")
                .doesNotContain("Time:");
        assertThat(run("\\x foo", "select 1 as a;")).contains("\\x takes on, off or auto", "(1 row)");
        assertThat(run("\\?")).contains("\\timing", "\\df");
        assertThat(run("help")).isEqualTo(run("\\?"));
        assertThat(run("\\foo bar")).contains("invalid command \\foo. Try \\? for those that there are");
        assertThat(run("\\timing", "select 1;")).contains("Timing is on.").containsPattern("Time: [0-9.]+ ms");
        assertThat(run("select 1 as one;", "exit", "select 2 as two;"))
                .contains("one")
                .doesNotContain("two");
        assertThat(run("select", "1 as one", "\\q", ";")).doesNotContain("one");
    }

    @Test
    void showsWideRowsExpanded() {
        assertThat(run("select repeat('x', 200) as a, e'1\\n2' as b, null as c;"))
                .contains("-[ RECORD 1 ]+----------\na | xxx", "\nb | 1\n  | 2\nc |\n");
        assertThat(run("select 1 as a, 2 as b;")).contains(" a | b\n---+---\n 1 | 2\n(1 row)");
        assertThat(run("\\x", "select 1 as a;")).contains("Expanded display is on.", "a | 1");
        assertThat(run("\\x off", "select repeat('x', 200) as a;")).contains("(1 row)");
    }

    @Test
    void saysWhereAnErrorIsAndWhatANoticeSays() {
        assertThat(run("select 1,", "  selec 2;"))
                .contains("ERROR:  syntax error at or near \"2\"\nLINE 2:   selec 2\n                ^");
        assertThat(run("select '\uD83D\uDE00', x;")).contains("LINE 1: select '\uD83D\uDE00', x\n");
        assertThat(run("do $$ begin raise notice 'so' using hint = 'and so'; raise warning 'w'; end $$;"))
                .contains("NOTICE:  so\nHINT:  and so\nWARNING:  w\nOK");
        // Braces are the statement's own.
        assertThat(run("select '{d x}' as a, '?' as b;")).contains("{d x} | ?");
        assertThat(Session.position("x", 9)).isEqualTo("LINE 1: x\n         ^\n");
    }

    @Test
    void saysWhatWasProbablyMeant() {
        assertThat(run("select net.http_pst('http://a');")).contains("HINT:  Did you mean net.http_post?");
        assertThat(run("select http_get('http://a');")).contains("HINT:  Did you mean net.http_get?");
        assertThat(run("select net.http_post(url := 'http://a', bdy := '{}');"))
                .contains("HINT:  Did you mean body? \\df net.http_post shows its arguments.")
                .doesNotContain("casts");
        assertThat(run("select net.http_post(1, 2, 3);")).contains("HINT:  \\df net.http_post shows its arguments.");
        assertThat(run("\\d net.http_post"))
                .contains("There is no net.http_post of this kind. \\df net.http_post shows what it is.");
        assertThat(run("\\dt net.requests")).contains("\\d net.requests shows what it is.");
        assertThat(run("\\df net.requests")).contains("\\d net.requests shows what it is.");
        assertThat(run("select * from net.http_get;")).contains("HINT:  \\df net.http_get shows what it is.");
        assertThat(run("select net.requests(1);")).contains("HINT:  \\d net.requests shows what it is.");
        DATABASE.run("create or replace function public.prompt_own(amount int) returns int language sql return 1");
        assertThat(run("select prompt_own(amonut := 1);"))
                .contains("HINT:  Did you mean amount? \\df public.prompt_own shows its arguments.");
        assertThat(run("select * from net.reqests;")).contains("HINT:  Did you mean net.requests?");
        assertThat(run("select * from requests;")).contains("HINT:  Did you mean net.requests?");
        assertThat(run("\\d net.reqests")).contains("Did you mean net.requests?");
        assertThat(run("select * from nothing.like_it;", "select 1 / 0;")).doesNotContain("Did you mean");
        // The connection answers nothing more in that transaction.
        assertThat(run("begin;", "select net.http_pst('http://a');", "rollback;", "select 1 as one;"))
                .contains("one");
    }

    @Test
    void saysWhatBecomesOfATransaction() {
        assertThat(run("begin;", "select 1 / 0;", "commit;")).contains("STATEMENT:  select 1 / 0\nROLLBACK\n");
        assertThat(run("begin;", "select 1 / 0;", "COMMIT and chain;")).contains("ROLLBACK\n");
        assertThat(run("begin;", "select 1 as one;", "commit;")).doesNotContain("ROLLBACK", "still open");
        assertThat(run("begin;", "select 1 as one;")).contains("still open and is rolled back");
        assertThat(run("begin;", "\\q")).contains("still open and is rolled back");
    }

    @Test
    void namesAStatementOfAScriptThatFails() {
        assertThat(run("select", "  1 / 0;")).contains("ERROR:  division by zero\nSTATEMENT:  select ...");
    }

    @Test
    void waitsForWhatAScriptHasQueuedAndSaysWhatIsLeft() throws SQLException, InterruptedException {
        TestDatabase database = TestPostgres.shared().installed();
        StringWriter err = new StringWriter();
        try (Connection connection = database.connect()) {
            LastRequests.await(connection, new PrintWriter(err));
            assertThat(err.toString()).isEmpty();
            database.run("select net.http_get('http://127.0.0.1:1/', not_before := now() + interval '1 hour')");
            LastRequests.await(connection, new PrintWriter(err));
            assertThat(err.toString())
                    .startsWith("As the demo ends, 0 requests are still being sent, 0 are due, and 1 are scheduled");
        }
    }

    @Test
    void saysWhetherATransactionIsOpen() throws SQLException, IOException {
        List<String> prompts = new ArrayList<>();
        Deque<String> lines = new ArrayDeque<>(List.of("begin;", "select 1", ";", "select 1 / 0;", "rollback;"));
        try (Connection connection = DATABASE.connect();
                PipeInput pipe = new PipeInput(new BufferedReader(new StringReader("")))) {
            Input input = new Input() {
                @Override
                public Optional<String> read(String prompt) {
                    prompts.add(prompt);
                    return Optional.ofNullable(lines.poll());
                }

                @Override
                public boolean isTyped() {
                    return true;
                }

                @Override
                public void cancellable(Runnable work, Runnable cancel) {
                    pipe.cancellable(work, cancel);
                }

                @Override
                public int width() {
                    return pipe.width();
                }

                @Override
                public void close() {}
            };
            new SqlPrompt(connection, input, new PrintWriter(new StringWriter())).run();
        }
        assertThat(prompts).containsExactly("demo=> ", "demo=*> ", "demo-*> ", "demo=*> ", "demo=!> ", "demo=> ");
    }

    @Test
    void enterEndsAStatementOnlyAtItsSemicolon() {
        StatementParser parser = new StatementParser();
        for (String whole : List.of("select 1;", "\\d net.hosts", "exit", "help", "", "  ")) {
            assertThat(parser.parse(whole, whole.length(), Parser.ParseContext.ACCEPT_LINE))
                    .isNotNull();
        }
        for (String part : List.of("select 1", "select ';", "select 1; select 2", "do $$ begin;")) {
            assertThatThrownBy(() -> parser.parse(part, part.length(), Parser.ParseContext.ACCEPT_LINE))
                    .as(part)
                    .isInstanceOf(EOFError.class);
        }
    }

    @Test
    void completesWhatPeopleUse() throws SQLException, IOException {
        assertThat(completed("select net.http_p"))
                .containsExactlyInAnyOrder("net.http_post(", "net.http_put(", "net.http_patch(");
        assertThat(completed("select * from net.req")).containsExactly("net.requests");
        assertThat(completed("select net.http_post('x', net.ur")).isEmpty();
        assertThat(completed("\\ti")).containsExactly("\\timing");
        assertThat(completed("sel")).containsExactly("select");
        assertThat(completed("select net.request_")).as("what is internal").isEmpty();
    }

    /** With no escapes of a shell's. */
    @Test
    void putsInWhatCompletesAsItIs() {
        String typed = "select net.http_get('http://a', max_a";
        TypedWord word = (TypedWord) new StatementParser().parse(typed, typed.length(), Parser.ParseContext.COMPLETE);
        assertThat(word.word()).isEqualTo("max_a");
        assertThat(word.escape("max_attempts :=", true)).isEqualTo("max_attempts :=");
        assertThat(word.rawWordLength()).isEqualTo(5);
        assertThat(word.rawWordCursor()).isEqualTo(5);
    }

    private static List<String> completed(String typed) throws SQLException, IOException {
        try (Connection connection = DATABASE.connect();
                DumbTerminal terminal =
                        new DumbTerminal(new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream())) {
            ParsedLine line = new StatementParser().parse(typed, typed.length(), Parser.ParseContext.COMPLETE);
            List<Candidate> candidates = new ArrayList<>();
            new Names(connection, Resources.sql("names"))
                    .complete(LineReaderBuilder.builder().terminal(terminal).build(), line, candidates);
            return candidates.stream().map(Candidate::value).toList();
        }
    }

    private static String run(String... lines) {
        StringWriter out = new StringWriter();
        try (Connection connection = DATABASE.connect();
                Input input = new PipeInput(new BufferedReader(new StringReader(String.join("\n", lines))))) {
            new SqlPrompt(connection, input, new PrintWriter(out)).run();
        } catch (SQLException | IOException e) {
            throw new AssertionError(e);
        }
        return out.toString();
    }
}
