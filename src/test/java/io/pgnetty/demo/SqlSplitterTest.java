package io.pgnetty.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

@Tag("quick")
class SqlSplitterTest {

    @Example
    void cutsAtSemicolonsThatEndAStatement() {
        assertThat(split("select 1; select ';' , \";\";", "select 2", "  + 3;"))
                .containsExactly("select 1", "select ';' , \";\"", "select 2\n  + 3");
        assertThat(split("select $$a;b$$; select $x$ $$;$$ $x$;"))
                .containsExactly("select $$a;b$$", "select $x$ $$;$$ $x$");
        assertThat(split("-- no; end", "select 1; /* a; /* b; */ c; */ select 2;"))
                .containsExactly("-- no; end\nselect 1", "/* a; /* b; */ c; */ select 2");
        assertThat(split("select E'a\\';b'; select 'a\\'; select 'it''s;';"))
                .containsExactly("select E'a\\';b'", "select 'a\\'", "select 'it''s;'");
        assertThat(split("create rule r as on insert to t do (select 1; select 2);"))
                .containsExactly("create rule r as on insert to t do (select 1; select 2)");
        assertThat(split(";;", " ; ")).isEmpty();
    }

    @Example
    void whatIsOpenStaysOpen() {
        SqlSplitter splitter = new SqlSplitter();
        splitter.add("select '");
        assertThat(splitter.next()).isEmpty();
        assertThat(splitter.open()).isTrue();
        splitter.add("';");
        assertThat(splitter.next()).contains("select '\n'");
        assertThat(splitter.open()).isFalse();
    }

    @Property
    void statementsComeOutAsTheyWentIn(@ForAll("statements") List<String> statements) {
        assertThat(split(String.join(";\n", statements) + ";")).isEqualTo(statements);
    }

    @Provide
    Arbitrary<List<String>> statements() {
        return Arbitraries.of(
                        "select 1",
                        "select ';'",
                        "select $a$;$a$",
                        "select \"x;y\"",
                        "select (1; 2)",
                        "select /* ; */ 3",
                        "do $$ begin; end $$",
                        "select E'\\';'",
                        "select a$b, 'x'")
                .list()
                .ofMinSize(1)
                .ofMaxSize(8);
    }

    private static List<String> split(String... lines) {
        SqlSplitter splitter = new SqlSplitter();
        List<String> statements = new ArrayList<>();
        for (String line : lines) {
            splitter.add(line);
            for (Optional<String> next = splitter.next(); next.isPresent(); next = splitter.next()) {
                statements.add(next.get());
            }
        }
        return statements;
    }
}
