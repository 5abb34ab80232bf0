package io.pgnetty.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** Answers of servers that do not keep to the letter of HTTP/1.1, as bug reports have them, and what is to be made of each. */
final class SloppyAnswers {

    private SloppyAnswers() {}

    /**
     * One of them.
     *
     * @param name what is odd
     * @param method of the request
     * @param bytes all that the server sends, one byte a character
     * @param closes whether the server closes the connection after it
     * @param status what comes of it; 0 where it is refused
     * @param text the body; or what the refusal says
     */
    record Answer(String name, String method, String bytes, boolean closes, int status, String text) {

        byte[] wire() {
            return bytes.getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Answer> all() {
        return Stream.of(framing(), surplus(), fields(), endings(), refused()).flatMap(List::stream);
    }

    private static Answer open(String name, String bytes, int status, String body) {
        return new Answer(name, "GET", bytes, false, status, body);
    }

    private static Answer closed(String name, String bytes, int status, String body) {
        return new Answer(name, "GET", bytes, true, status, body);
    }

    private static Answer refused(String name, String bytes, String message) {
        return new Answer(name, "GET", bytes, false, 0, message);
    }

    private static String ok(String fields, String body) {
        return "HTTP/1.1 200 OK\r\n" + fields + "\r\n" + body;
    }

    private static List<Answer> framing() {
        String hello = "5\r\nhello\r\n0\r\n\r\n";
        return List.of(
                open(
                        "length and chunks",
                        ok("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", hello),
                        200,
                        "hello"),
                open(
                        "chunks and length",
                        ok("Transfer-Encoding: chunked\r\nContent-Length: 99\r\n", hello),
                        200,
                        "hello"),
                open(
                        "chunks and two lengths",
                        ok("Transfer-Encoding: chunked\r\nContent-Length: 9\r\nContent-Length: 8\r\n", hello),
                        200,
                        "hello"),
                open("equal lengths", ok("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 200, "hello"),
                open("equal lengths in one field", ok("Content-Length: 5, 5\r\n", "hello"), 200, "hello"),
                open(
                        "equal lengths, one with zeros",
                        ok("Content-Length: 5\r\nContent-Length: 005\r\n", "hello"),
                        200,
                        "hello"),
                open(
                        "chunked twice",
                        ok("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", hello),
                        200,
                        "hello"),
                open("chunked, chunked", ok("Transfer-Encoding: chunked, chunked\r\n", hello), 200, "hello"),
                open("Chunked", ok("Transfer-Encoding: Chunked\r\n", hello), 200, "hello"),
                open("chunked with an empty element", ok("Transfer-Encoding: chunked,\r\n", hello), 200, "hello"),
                open("no coding", ok("Transfer-Encoding: binary\r\nContent-Length: 5\r\n", "hello"), 200, "hello"),
                open("no coding beneath chunks", ok("Transfer-Encoding: utf-8, chunked\r\n", hello), 200, "hello"),
                open("identity", ok("Transfer-Encoding: identity\r\nContent-Length: 5\r\n", "hello"), 200, "hello"),
                open(
                        "chunks under 1.0",
                        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" + hello,
                        200,
                        "hello"),
                new Answer(
                        "two lengths on HEAD",
                        "HEAD",
                        ok("Content-Length: 5\r\nContent-Length: 6\r\n", ""),
                        false,
                        200,
                        ""),
                new Answer("a length that is none on HEAD", "HEAD", ok("Content-Length: x\r\n", ""), false, 200, ""),
                new Answer("chunked on HEAD", "HEAD", ok("Transfer-Encoding: chunked\r\n", ""), false, 200, ""),
                open(
                        "blanks behind a size",
                        ok("Transfer-Encoding: chunked\r\n", "5   \r\nhello\r\n0\r\n\r\n"),
                        200,
                        "hello"),
                open(
                        "blanks before a size",
                        ok("Transfer-Encoding: chunked\r\n", "  5\r\nhello\r\n 0\r\n\r\n"),
                        200,
                        "hello"),
                open(
                        "an extension",
                        ok("Transfer-Encoding: chunked\r\n", "5;a=\"b\"\r\nhello\r\n0;c\r\n\r\n"),
                        200,
                        "hello"),
                open(
                        "zeros before a size",
                        ok("Transfer-Encoding: chunked\r\n", "00000000000000000000005\r\nhello\r\n000\r\n\r\n"),
                        200,
                        "hello"),
                open("LF in the head", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", 200, "hello"),
                open("LF in chunks", ok("Transfer-Encoding: chunked\r\n", "5\nhello\n0\n\n"), 200, "hello"),
                open("CRLF and LF", "HTTP/1.1 200 OK\r\nContent-Length: 5\n\r\nhello", 200, "hello"),
                open(
                        "trailer fields",
                        ok("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\nX: y\r\n\r\n"),
                        200,
                        "hello"),
                open("304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, ""),
                open("204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, ""),
                open("205 with nothing", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", 205, ""));
    }

    private static List<Answer> surplus() {
        String json = "Content-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}";
        return List.of(
                open("204 with a body", "HTTP/1.1 204 No Content\r\n" + json, 204, ""),
                open("304 with a body", "HTTP/1.1 304 Not Modified\r\n" + json, 304, ""),
                new Answer("HEAD with a body", "HEAD", "HTTP/1.1 200 OK\r\n" + json, false, 200, ""),
                open(
                        "204 with chunks",
                        "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                        204,
                        ""),
                open("a length too short", ok("Content-Length: 5\r\n", "hello, world"), 200, "hello"),
                open("a length in characters", ok("Content-Length: 4\r\n", "caf\u00c3\u00a9"), 200, "caf\u00c3"),
                open(
                        "a second answer",
                        ok("Content-Length: 5\r\n", "hello") + ok("Content-Length: 6\r\n", "forged"),
                        200,
                        "hello"),
                open("a line too many", ok("Content-Length: 5\r\n", "hello\r\n"), 200, "hello"),
                open(
                        "bytes behind chunks",
                        ok("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\nmore"),
                        200,
                        "hello"));
    }

    private static List<Answer> fields() {
        return List.of(
                field("a line without a colon", "nothing at all\r\n"),
                field("a line without a name", ": value\r\n"),
                field("a name of blanks", "  : value\r\n"),
                field("a blank before the colon", "X-A : value\r\n"),
                field("a blank within the name", "X A: value\r\n"),
                field("a control character in a value", "X-A: a\u0001b\r\n"),
                field("NUL in a value", "X-A: a\0b\r\n"),
                field("DEL in a value", "X-A: a\u007fb\r\n"),
                field("CR in a value", "X-A: a\rb\r\n"),
                field("ESC in a value", "X-A: \u001b[31mred\r\n"),
                field("a name beyond ASCII", "X-\u00e4: a\r\n"),
                field("NUL in a name", "X\0A: a\r\n"),
                field("a name in brackets", "(X): a\r\n"),
                field("a value beyond ASCII", "X-A: caf\u00e9 \u00ff\r\n"),
                field("half a character", "X-A: \u00c3\r\n"),
                field("a value that goes on", "X-A: a\r\n  b\r\n"),
                open(
                        "a first line that goes on",
                        "HTTP/1.1 200 OK\r\n  b\r\nContent-Length: 5\r\n\r\nhello",
                        200,
                        "hello"),
                open("a status line without a reason", "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"),
                open(
                        "a reason beyond ASCII",
                        "HTTP/1.1 200 \u00c4\u0085\r\nContent-Length: 5\r\n\r\nhello",
                        200,
                        "hello"),
                open("HTTP/1.2", "HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"),
                open(
                        "lines before the status line",
                        "\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                        200,
                        "hello"),
                open("status 999", "HTTP/1.1 999 What\r\nContent-Length: 5\r\n\r\nhello", 999, "hello"),
                open("status 600", "HTTP/1.1 600 What\r\nContent-Length: 5\r\n\r\nhello", 600, "hello"));
    }

    private static Answer field(String name, String line) {
        return open(name, ok(line + "Content-Length: 5\r\n", "hello"), 200, "hello");
    }

    private static List<Answer> endings() {
        return List.of(
                closed("an end of connection", ok("", "hello"), 200, "hello"),
                closed("1.0 and an end of connection", "HTTP/1.0 200 OK\r\n\r\nhello", 200, "hello"),
                closed("keep-alive and an end of connection", ok("Connection: keep-alive\r\n", "hello"), 200, "hello"),
                closed(
                        "chunks without a last line",
                        ok("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n"),
                        200,
                        "hello"),
                closed(
                        "a redirect cut short",
                        "HTTP/1.1 302 Found\r\nLocation: /after\r\nContent-Length: 50\r\n\r\nshort",
                        200,
                        "after"));
    }

    private static List<Answer> refused() {
        return List.of(
                refused(
                        "different lengths",
                        ok("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!"),
                        "more than one Content-Length: \"5, 6\""),
                refused(
                        "different lengths in one field",
                        ok("Content-Length: 5, 6\r\n", "hello!"),
                        "more than one Content-Length"),
                refused("a length below zero", ok("Content-Length: -5\r\n", "hello"), "not a number of bytes: \"-5\""),
                refused("a length with a sign", ok("Content-Length: +5\r\n", "hello"), "not a number of bytes"),
                refused("a length in words", ok("Content-Length: five\r\n", "hello"), "not a number of bytes"),
                refused("no length", ok("Content-Length:\r\n", "hello"), "not a number of bytes"),
                refused("the words of a system", "Too many open files\r\n\r\n", "does not begin with a status line"),
                refused(
                        "an unknown coding",
                        ok("Transfer-Encoding: br, chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"),
                        "transfer coding"),
                refused(
                        "chunks that are coded",
                        ok("Transfer-Encoding: chunked, gzip\r\n", "5\r\nhello\r\n0\r\n\r\n"),
                        "transfer coding"),
                refused(
                        "a size that is none",
                        ok("Transfer-Encoding: chunked\r\n", "five\r\nhello\r\n0\r\n\r\n"),
                        "begin with its size: \"five\""),
                refused(
                        "a size in hexadecimal notation",
                        ok("Transfer-Encoding: chunked\r\n", "0x5\r\nhello\r\n0\r\n\r\n"),
                        "begin with its size"),
                refused(
                        "a chunk too long",
                        ok("Transfer-Encoding: chunked\r\n", "5\r\nhello!\r\n0\r\n\r\n"),
                        "longer than its size"),
                refused(
                        "no HTTP",
                        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
                        "does not begin with a status line: \"SSH-2.0-OpenSSH_9.2\""),
                refused("HTTP/2", "HTTP/2 200\r\n\r\n", "status line"),
                refused("HTTP/0.9", "<html>\r\n</html>\r\n", "status line"),
                refused("status 99", "HTTP/1.1 099 What\r\nContent-Length: 0\r\n\r\n", "below 100"),
                refused("four digits", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n", "status line"),
                refused("switched protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "switches protocols"));
    }
}
