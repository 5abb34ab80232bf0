package io.pgnetty.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgnetty.config.Setting;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/signatures.md, as it is printed: each verifies a request that a bridge has signed, and no other. */
class SignaturesTest {

    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    @TempDir
    static Path folder;

    private static Target.Request signed;

    /** How the code on the page is run: with a call that prints what it gives. */
    private enum Language {
        PYTHON(
                "python3",
                ".py",
                "\nimport os\ne = os.environ\nprint('true' if verify(e['SECRET'], {'webhook-id': e['ID'], 'webhook-timestamp': e['TIME'],"
                        + " 'webhook-signature': e['SIGNATURE']}, open(e['BODY'], 'rb').read()) else 'false')\n"),
        JAVASCRIPT(
                "node",
                ".js",
                "\nconst e = process.env;\nconsole.log(verify(e.SECRET, {'webhook-id': e.ID, 'webhook-timestamp': e.TIME,"
                        + " 'webhook-signature': e.SIGNATURE}, require('fs').readFileSync(e.BODY)));\n"),
        RUBY(
                "ruby",
                ".rb",
                "\nputs verify(ENV['SECRET'], {'webhook-id' => ENV['ID'], 'webhook-timestamp' => ENV['TIME'],"
                        + " 'webhook-signature' => ENV['SIGNATURE']}, File.binread(ENV['BODY']))\n"),
        PHP(
                "php",
                ".php",
                "\necho verify(getenv('SECRET'), ['webhook-id' => getenv('ID'), 'webhook-timestamp' => getenv('TIME'),"
                        + " 'webhook-signature' => getenv('SIGNATURE')], file_get_contents(getenv('BODY'))) ? 'true' : 'false';\n"),
        JAVA(
                "java",
                ".java",
                "public static void main(String[] a) throws Exception { var e = System.getenv();"
                        + " System.out.println(verify(e.get(\"SECRET\"), java.util.Map.of(\"webhook-id\", e.get(\"ID\"),"
                        + " \"webhook-timestamp\", e.get(\"TIME\"), \"webhook-signature\", e.get(\"SIGNATURE\")),"
                        + " java.nio.file.Files.readAllBytes(java.nio.file.Path.of(e.get(\"BODY\"))))); } }\n");

        private final String program;
        private final String suffix;
        private final String call;

        Language(String program, String suffix, String call) {
            this.program = program;
            this.suffix = suffix;
            this.call = call;
        }

        boolean isHere() {
            return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                    .anyMatch(path -> Files.isExecutable(Path.of(path, program)));
        }
    }

    @BeforeAll
    static void sign() throws IOException {
        Files.writeString(folder.resolve("hook"), SECRET);
        TestDatabase database = TestPostgres.shared().installed();
        database.run(
                "select net.allow_secret('hook', '127.0.0.1', '{postgres}', use => 'signing', plain_http => true)");
        try (Target target = new Target();
                TestBridge bridge = TestBridge.start(database, Map.of(Setting.SECRETS_DIR, folder.toString()))) {
            assertThat(bridge).isNotNull();
            database.run("select net.http_request('POST', '" + target.url("/") + "', body_text := 'Grüße, 雨',"
                    + " sign_with := 'hook')");
            Awaitility.await().until(() -> target.count() == 1);
            signed = target.only();
        }
    }

    @AfterAll
    static void forget() {
        signed = null;
    }

    @ParameterizedTest
    @ValueSource(strings = {"python", "javascript", "ruby", "php", "java"})
    void thePageVerifiesWhatIsSignedAndNothingElse(String name) throws Exception {
        Language language = Language.valueOf(name.toUpperCase(Locale.ROOT));
        assumeTrue(language.isHere(), language.program + " is not here");
        Path file = program(name, language);
        String time = signed.header("webhook-timestamp");
        assertThat(run(language, file, time, signed.body())).isEqualTo("true");
        assertThat(run(language, file, time, "Grüße, 雨!".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("false");
        assertThat(run(language, file, String.valueOf(Long.parseLong(time) - 1), signed.body()))
                .isEqualTo("false");
        // Signed rightly, and long ago.
        assertThat(run(language, file, "1600000000", signed.body())).isEqualTo("false");
    }

    private static Path program(String name, Language language) throws IOException {
        Matcher block = Pattern.compile("(?s)```" + name + "\n(.*?)```")
                .matcher(Files.readString(Path.of("docs", "signatures.md")));
        assertThat(block.find()).as("a block of " + name).isTrue();
        String code = language == Language.JAVA ? "class Verify { " + block.group(1) : block.group(1);
        return Files.writeString(folder.resolve("verify" + language.suffix), code + language.call);
    }

    private static String run(Language language, Path file, String time, byte[] body) throws Exception {
        Path bodyFile = Files.write(folder.resolve("body"), body);
        ProcessBuilder process =
                new ProcessBuilder(List.of(language.program, file.toString())).redirectErrorStream(true);
        process.environment().remove("JAVA_TOOL_OPTIONS");
        process.environment()
                .putAll(Map.of(
                        "SECRET",
                        SECRET,
                        "ID",
                        signed.header("webhook-id"),
                        "TIME",
                        time,
                        "SIGNATURE",
                        "v1,bm90IHRoaXM= " + signed.header("webhook-signature"),
                        "BODY",
                        bodyFile.toString()));
        Process running = process.start();
        String out = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(running.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return out;
    }
}
