package io.pgnetty.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.BridgeProcess;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Secrets are sent, and are nowhere else: not in the database's files (tables, indexes, write-ahead log, a log of all statements with their
 * parameters), not in what the bridge logs and serves, not in what the machine shows of its process. The target returns none of what it gets.
 */
class SecretsNowhereIT {

    private static final String TOKEN = "tok-7f3a/9Q==+x";
    private static final String QUERY = "q&uery=s3cr3t 0815%";
    private static final String BASIC = "user:p4ss-w0rd-4711";
    private static final String BROKEN = "br0ken-v4lue-42\nX: y";
    private static final byte[] KEY = "k3y-0f-the-webh00ks!".getBytes(StandardCharsets.US_ASCII);

    /** Where it is found, what is searched for is found as well. */
    private static final String CONTROL = "c0ntrol-in-a-body-99";

    @TempDir
    Path secrets;

    @Test
    void noPlaceHasThem() throws IOException, InterruptedException {
        TestPostgres server = TestPostgres.start(
                "17",
                Map.of(
                        "log_statement", "all",
                        "log_min_messages", "info",
                        "log_min_duration_statement", "0",
                        "log_parameter_max_length", "-1",
                        "logging_collector", "on",
                        "log_directory", "log",
                        "wal_level", "logical"));
        TestDatabase database = server.installed();
        Files.writeString(secrets.resolve("token"), TOKEN);
        Files.writeString(secrets.resolve("query"), QUERY);
        Files.writeString(secrets.resolve("basic"), BASIC);
        Files.writeString(secrets.resolve("broken"), BROKEN);
        Files.writeString(secrets.resolve("key"), "whsec_" + Base64.getEncoder().encodeToString(KEY));
        try (Target target = new Target();
                Target other = new Target();
                BridgeProcess bridge = BridgeProcess.run(
                        database, "--secrets-dir", secrets.toString(), "--verbose", "--log-format", "json")) {
            run(database, target, other);
            Map<String, String> places = places(database, bridge);
            assertThat(places.get("rows")).contains(CONTROL, "{{secret:token}}");
            assertThat(places.get("bridge's log")).contains("secret_denied");
            assertThat(inFiles(database, List.of(CONTROL))).isNotEmpty();
            for (String value : spellings()) {
                places.forEach((place, text) -> assertThat(text).as(place).doesNotContain(value));
            }
            assertThat(inFiles(database, spellings())).isEmpty();
        } finally {
            server.stop();
        }
    }

    /** By each way that a secret may be sent, and each way in which that may fail. */
    private static void run(TestDatabase database, Target target, Target other) {
        for (String rule : List.of("'token'", "'query'", "'basic'", "'broken'", "'key', use := 'signing'")) {
            String[] parts = rule.split(", ", 2);
            database.run("select net.allow_secret(" + parts[0] + ", '127.0.0.1:" + target.port()
                    + "', array[current_user]::name[], plain_http := true"
                    + (parts.length > 1 ? ", " + parts[1] : "") + ")");
        }
        target.respond("/ok", 200, Map.of(), new byte[0]);
        target.respond("/away", 302, Map.of("Location", other.url("/")), new byte[0]);
        target.respond("/fails", 503, Map.of(), new byte[0]);
        target.raw("/odd", "HTTP/9.9 nonsense\r\n\r\n");
        other.respond("/", 200, Map.of(), new byte[0]);
        String headers = "{\"Authorization\": \"Bearer {{secret:token}}\", \"X-Basic\": \"{{secret:basic}}\"}";
        String basic = "{\"Authorization\": \"Basic {{secret:basic}}\"}";
        String params = "{\"q\": \"{{secret:query}}\"}";
        for (String path : List.of("/ok", "/away", "/fails", "/odd")) {
            for (String given :
                    List.of(headers, basic, "{\"X\": \"{{secret:broken}}\"}", "{\"X\": \"{{secret:nobody}}\"}")) {
                database.run("select net.http_request('POST', '" + target.url(path) + "', body := '\"" + CONTROL
                        + "\"', params := '" + params + "', headers := '" + given
                        + "', sign_with := 'key', max_attempts := 2, keep_failed := true)");
            }
        }
        // Nobody is there, nobody can be trusted, and another host.
        database.run("select net.http_get('http://127.0.0.1:1/', headers := '" + headers + "')");
        database.run("select net.http_get('https://127.0.0.1:" + target.port() + "/ok', headers := '" + headers + "')");
        database.run("select net.http_get('" + other.url("/") + "', headers := '" + headers + "')");
        Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(60))
                .until(() -> database.one("select count(*) from net.http_request_queue")
                        .equals("0"));
        assertThat(target.requests()).anySatisfy(request -> {
            assertThat(request.header("authorization")).isEqualTo("Bearer " + TOKEN);
            assertThat(request.header("x-basic")).isEqualTo(BASIC);
            assertThat(request.uri()).contains(URLEncoder.encode("s3cr3t", StandardCharsets.UTF_8));
        });
        database.run("checkpoint");
    }

    /** As they are, and as they may be written elsewhere. */
    private static List<String> spellings() {
        return Stream.of(TOKEN, QUERY, BASIC, "br0ken-v4lue-42", new String(KEY, StandardCharsets.US_ASCII))
                .flatMap(value -> {
                    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
                    return Stream.of(
                            value,
                            URLEncoder.encode(value, StandardCharsets.UTF_8),
                            URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20"),
                            Base64.getEncoder().encodeToString(bytes),
                            HexFormat.of().formatHex(bytes));
                })
                .distinct()
                .toList();
    }

    private static Map<String, String> places(TestDatabase database, BridgeProcess bridge)
            throws IOException, InterruptedException {
        Map<String, String> places = new TreeMap<>();
        StringBuilder rows = new StringBuilder();
        database.rows(
                        "select c.oid::regclass::text from pg_class c where c.relnamespace = 'net'::regnamespace and c.relkind in ('r', 'v')")
                .forEach(relation -> rows.append(database.rows("select t::text from " + relation.get(0) + " t")));
        // As a dump has them.
        rows.append(database.rows("select convert_from(body, 'UTF8') from net.dead_letter"));
        places.put("rows", rows.toString());
        places.put("bridge's log", bridge.log());
        for (String page : List.of("/", "/metrics", "/readyz", "/livez")) {
            places.put("page " + page, bridge.get(page).body());
        }
        try (BridgeProcess status = BridgeProcess.launch(Map.of(), "status", "--url", database.text())) {
            status.exitCode();
            places.put("status", status.log());
        }
        Path process = Path.of("/proc", String.valueOf(bridge.pid()));
        if (Files.isReadable(process.resolve("cmdline"))) {
            places.put("process list", Files.readString(process.resolve("cmdline")));
            places.put("environment", Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1));
        }
        for (String command :
                List.of("GC.class_histogram", "Thread.print", "VM.system_properties", "VM.command_line")) {
            places.put(command, jcmd(bridge.pid(), command));
        }
        return places;
    }

    private static String jcmd(long pid, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        String.valueOf(pid),
                        command)
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return out;
    }

    /** Which of the database's files have one of the texts: tables, indexes, the write-ahead log, the server's log. */
    private static List<String> inFiles(TestDatabase database, List<String> texts) throws IOException {
        Path folder = Path.of(database.one("show data_directory"));
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> has(file, texts))
                    .map(Path::toString)
                    .toList();
        }
    }

    private static boolean has(Path file, List<String> texts) {
        try {
            String content = Files.readString(file, StandardCharsets.ISO_8859_1);
            return texts.stream().anyMatch(content::contains);
        } catch (IOException e) {
            // Gone meanwhile, as temporary files are.
            return false;
        }
    }
}
