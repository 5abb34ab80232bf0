package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.request.Completed;
import io.pgnetty.request.Header;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Verdict;
import io.pgnetty.testing.Queued;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

@Tag("quick")
class ResponseRowTest {

    private static final TextEncoding UTF8 = new TextEncoding("UTF8");
    private static final TextEncoding LATIN1 = new TextEncoding("LATIN1");
    private static final TextEncoding UNKNOWN = new TextEncoding("EUC_TW");

    @Property
    void everyBodyIsKeptWholeInExactlyOneColumn(@ForAll byte[] body) {
        for (TextEncoding encoding : List.of(UTF8, LATIN1, UNKNOWN)) {
            ResponseRow row = row("application/octet-stream", body, encoding);
            String content = row.content();
            if (content == null) {
                assertThat(row.contentBytes()).isEqualTo(body);
            } else {
                assertThat(row.contentBytes()).isNull();
                assertThat(content.getBytes(StandardCharsets.UTF_8)).isEqualTo(body);
                assertThat(encoding.holds(content)).isTrue();
            }
        }
    }

    @Property
    void everyHeaderBecomesSomethingThatTheDatabaseHolds(@ForAll String name, @ForAll String value) {
        for (TextEncoding encoding : List.of(UTF8, LATIN1, UNKNOWN)) {
            assertThat(encoding.holds(HeadersJson.write(List.of(new Header(name, value)), encoding)))
                    .isTrue();
        }
    }

    @Property
    void whatFitsIsLeftAlone(@ForAll String text) {
        if (UTF8.holds(text)) {
            assertThat(UTF8.representable(text)).isEqualTo(text);
        }
        assertThat(UTF8.holds(UTF8.representable(text))).isTrue();
    }

    @Example
    void headersAreReadAsTheyWereQueued() {
        assertThat(HeadersJson.read(
                        "{\"A\": \"b\", \"N\": 1.50, \"B\": true, \"Z\": null, \"L\": [\"x\", 2, null, false]}"))
                .containsExactly(
                        new Header("A", "b"),
                        new Header("N", "1.50"),
                        new Header("B", "true"),
                        new Header("L", "x"),
                        new Header("L", "2"),
                        new Header("L", "false"));
    }

    @Example
    void labelsThatMakeNoSenseCountAsNone() {
        byte[] text = "caf\u00e9".getBytes(StandardCharsets.UTF_8);
        for (String type : List.of(
                "text/plain; charset=no-such",
                "text/plain; charset=",
                "text/plain; charset=\"\"",
                "text/plain; charset=utf-8, utf-8",
                "text/plain; charset=*",
                "text/plain; charset='utf-8'",
                "text/plain; charset=\"UTF-8\"",
                "text/plain; charset = utf8 ; q=1",
                "text/plain; charset=us-ascii",
                "text/plain; CHARSET=UTF-8;charset=latin1",
                "application/json; charset=iso-8859-1",
                "application/problem+json; charset=windows-1252",
                "nonsense",
                "")) {
            assertThat(row(type, text, UTF8).content()).as(type).isEqualTo("caf\u00e9");
        }
        assertThat(row("text/plain; charset=no-such", new byte[] {(byte) 0xe9}, UTF8)
                        .contentBytes())
                .containsExactly(0xe9);
        assertThat(row("application/json; charset=iso-8859-1", new byte[] {'"', (byte) 0xe9, '"'}, UTF8)
                        .content())
                .isEqualTo("\"\u00e9\"");
        assertThat(row("application/json; charset=utf-16le", "[1]".getBytes(StandardCharsets.UTF_16LE), UTF8)
                        .content())
                .isEqualTo("[1]");
    }

    @Example
    void aByteOrderMarkIsNoText() {
        byte[] json = "\uFEFF{\"a\": 1}".getBytes(StandardCharsets.UTF_8);
        for (String type : List.of(
                "application/json", "text/plain; charset=utf-8", "text/plain; charset=iso-8859-1", "text/plain", "")) {
            assertThat(row(type, json, UTF8).content()).as(type).isEqualTo("{\"a\": 1}");
        }
    }

    @Example
    void quotedCharsetsAreRead() {
        assertThat(row("text/plain; charset=\"utf-16\"", "hi".getBytes(StandardCharsets.UTF_16), UTF8)
                        .content())
                .isEqualTo("hi");
    }

    private static ResponseRow row(String type, byte[] body, TextEncoding encoding) {
        Outcome outcome = new Outcome.Responded(200, type, List.of(), body);
        return ResponseRow.of(
                new Completed(Queued.get("http://h"), outcome, new Verdict.Done(), System.nanoTime(), Duration.ZERO),
                encoding);
    }
}
