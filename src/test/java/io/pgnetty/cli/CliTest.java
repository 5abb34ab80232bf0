package io.pgnetty.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.ConfigReader;
import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.postgres.Schema;
import io.pgnetty.testing.PgBouncer;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands, as their user sees them: what they print, and their exit codes. */
class CliTest {

    private record Ran(int code, String out, String err) {}

    @Test
    void whatIsMistypedIsTakenForTheNearest() {
        assertThat(run("stauts").err()).contains("did you mean status?");
        assertThat(run("install", "--ulr", "x").err()).contains("unknown option: --ulr; did you mean --url?");
        assertThat(run("run", "--concurency", "3").err())
                .contains("unknown option: --concurency; did you mean --concurrency?");
        assertThat(run("install", "--ulr", "x").err()).doesNotContain("unknown argument");
        assertThat(run("--verbose", "instal").err()).contains("--verbose", "did you mean install?");
        assertThat(run("bench", "--requests", "99999999999").err()).contains("--requests: 99999999999 is too large");
        assertThat(run("bench", "--requests", "x").err())
                .contains("pgnetty: --requests: needs a whole number, not \"x\"");
        assertThat(run("hunter2").err()).doesNotContain("hunter2", "did you mean");
    }

    @Test
    void eachCommandHasHelpWithAnExample() {
        assertThat(run("help").out()).contains("install", "generate-completion", "To begin:");
        for (String command : List.of("install", "uninstall", "run", "status", "bench")) {
            Ran help = run("help", command);
            assertThat(help.out()).contains("pgnetty " + command + " --url postgresql://");
            assertThat(run(command, "--help").out()).isEqualTo(help.out());
        }
        assertThat(run("generate-completion").out()).contains("complete -F _complete_pgnetty");
    }

    @Test
    void helpSaysWhatThereIs() {
        assertThat(run("--help").out()).contains("install", "uninstall", "run", "status", "demo");
        assertThat(run("run", "--help").out())
                .contains("--drain-timeout=TIME", "Default: 25s", "PGNETTY_DRAIN_TIMEOUT");
        assertThat(run("--version").out()).startsWith("pgnetty 0.1.0");
        assertThat(run().code()).isEqualTo(2);
        assertThat(run("instal").code()).isEqualTo(2);
        assertThat(run("install", "--ur", "postgresql://u:hunter2@h/db").err()).doesNotContain("hunter2");
        assertThat(run("run", "--ur", "postgresql://u:hunter2@h/db").err()).doesNotContain("hunter2");
    }

    @Test
    void theDemoIsNamedByTheJarThatLacksIt() {
        Ran ran = run("demo");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("target/pgnetty-demo.jar demo");
    }

    @Test
    void allThatIsWrongIsSaidAtOnce() {
        Ran ran = run(
                "run",
                "--url",
                "postgresql://u:hunter2@h/d?sslmode=no",
                "--concurrency",
                "many",
                "--lease",
                "1ms",
                "--nonsense");
        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.err())
                .contains("nothing was started", "--url: ", "--concurrency: ", "--lease: ", "--nonsense")
                .doesNotContain("hunter2");
    }

    @Test
    void aRestoredCopyIsRefusedUntilItIsAdopted() {
        TestDatabase original = TestPostgres.shared().installed();
        original.run("select net.http_get('http://production.example.com/') from generate_series(1, 3)");
        for (String choice : new String[] {"keep", "discard"}) {
            String name = original.url().database() + choice;
            // A dump and its restore, in one statement: another database with the same content.
            TestPostgres.shared()
                    .empty()
                    .run("create database " + name + " template "
                            + original.url().database());
            TestDatabase copy = new TestDatabase(DatabaseUrl.parse(
                    original.text().replace("/" + original.url().database(), "/" + name), Map.of()));

            Ran run = run("run", "--url", copy.text(), "--admin", "127.0.0.1:0");
            assertThat(run.code()).isEqualTo(1);
            assertThat(run.err()).contains("comes from another one", "--adopt keep", "--adopt discard");
            Ran refused = run("install", "--url", copy.text());
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err()).contains("--adopt keep", "--adopt discard");
            assertThat(run("install", "--url", copy.text(), "--adopt", choice).code())
                    .isZero();
            assertThat(copy.one("select count(*) from net.http_request_queue"))
                    .isEqualTo(choice.equals("keep") ? "3" : "0");
            // Adopted is adopted: nothing is discarded twice.
            copy.run("select net.http_get('http://h/')");
            assertThat(run("install", "--url", copy.text(), "--adopt", "discard")
                            .code())
                    .isZero();
            assertThat(copy.one("select count(*) from net.http_request_queue"))
                    .isEqualTo(choice.equals("keep") ? "4" : "1");
            assertThat(run("status", "--url", copy.text()).code()).isZero();
        }
        assertThat(run("install", "--url", original.text(), "--adopt", "maybe").err())
                .contains("--adopt must be keep or discard");
    }

    @Test
    void installIsIdempotentAndUninstallTakesItBack() {
        TestDatabase database = TestPostgres.shared().empty();
        for (int i = 0; i < 2; i++) {
            Ran ran = run("install", "--url", database.text(), "--grant", "public");
            assertThat(ran.err()).isEmpty();
            assertThat(ran.code()).isZero();
        }
        assertThat(database.one("select count(*) from net.schema_step")).isEqualTo("18");
        database.run("select net.http_get('http://example.com')");

        // Of an earlier version.
        database.run("create function net.room() returns trigger language plpgsql as 'begin return null; end'");
        Ran refused = run("uninstall", "--url", database.text());
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("1 request(s) still wait", "--force");
        assertThat(run("uninstall", "--url", database.text(), "--force").code()).isZero();
        assertThat(database.rows("select from pg_namespace where nspname = 'net'"))
                .isEmpty();
        assertThat(run("uninstall", "--url", database.text()).err()).contains("not installed");
    }

    @Test
    void grantsSurviveAnUpgrade() {
        TestPostgres postgres = TestPostgres.shared();
        TestDatabase database = postgres.empty();
        database.run("drop role if exists gina; create role gina login password 'gina'");
        run("install", "--url", database.text(), "--grant", "gina");
        run("install", "--url", database.text());
        assertThat(database.as("gina").one("select net.http_get('http://example.com')"))
                .isEqualTo("1");
        assertThat(run("install", "--url", database.text(), "--grant", "nobody_here")
                        .err())
                .contains("nobody_here");
        database.run("drop owned by gina; drop role gina");
    }

    @Test
    void unloggedAndBackKeepsIds() {
        TestDatabase database = TestPostgres.shared().empty();
        String persistence = "select string_agg(relpersistence::text, '' order by relname) from pg_class"
                + " where relnamespace = 'net'::regnamespace and relname in"
                + " ('http_request_queue', '_http_response', 'http_request_queue_id_seq')";
        run("install", "--url", database.text(), "--unlogged");
        assertThat(database.one(persistence)).isEqualTo("uup");
        run("install", "--url", database.text());
        assertThat(database.one(persistence)).isEqualTo("uup");
        run("install", "--url", database.text(), "--no-unlogged");
        assertThat(database.one(persistence)).isEqualTo("ppp");
    }

    @Test
    void printWritesTheSameSqlAndChangesNothing() {
        Ran ran = run("install", "--print", "--grant", "app");
        assertThat(ran.code()).isZero();
        assertThat(ran.out()).startsWith("begin;").endsWith("commit;" + "\n").contains("{\"app\"}");
        TestDatabase database = TestPostgres.shared().empty();
        Schema.run(database.url(), run("install", "--print").out()).block();
        assertThat(database.one("select net.http_get('http://example.com')")).isEqualTo("1");
    }

    @Test
    void installRefusesWhatIsNotOurs() {
        TestDatabase foreign = TestPostgres.shared().empty();
        foreign.run("create schema net");
        Ran ran = run("install", "--url", foreign.text());
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("schema \"net\" of role \"postgres\" that pgnetty did not make", "Rename it");
        assertThat(run("run", "--url", foreign.text()).err()).contains("is not pgnetty's");

        TestDatabase poor = TestPostgres.shared().empty();
        poor.run("drop role if exists poor; create role poor login password 'poor'");
        Ran refused = run("install", "--url", poor.as("poor").text());
        assertThat(refused.err()).contains("may not create a schema", "grant create on database");
        poor.run("drop role poor");
    }

    @Test
    void aSuperuserRunsNoCodeOfAnOwnersInHisOwnName() {
        TestDatabase database = TestPostgres.shared().empty();
        database.run("drop role if exists evil; create role evil login password 'evil'; grant create on database "
                + database.url().database() + " to evil; grant create on schema public to evil");
        TestDatabase evil = database.as("evil");
        evil.run("create function public.same(oid, regnamespace) returns boolean language plpgsql as"
                + " $$ begin execute 'alter role evil createdb'; return true; end $$;"
                + " create operator public.= (leftarg = oid, rightarg = regnamespace, function = public.same)");
        run("install", "--url", database.text());
        assertThat(database.one("select rolcreatedb from pg_roles where rolname = 'evil'"))
                .isEqualTo("f");
        run("uninstall", "--url", database.text());

        evil.run(
                "create schema net; create table net.schema_step (step int primary key, taken timestamptz default now());"
                        + " create function net.t() returns trigger language plpgsql as $$ begin execute 'reset role';"
                        + " execute 'alter role evil createdb'; return new; end $$;"
                        + " create trigger t before insert on net.schema_step for each row execute function net.t()");
        assertThat(run("install", "--url", database.text()).err()).contains("belongs to role \"evil\"");
        assertThat(database.one("select rolcreatedb from pg_roles where rolname = 'evil'"))
                .isEqualTo("f");
        evil.run("drop schema net cascade");

        assertThat(run("install", "--url", evil.text()).err()).isEmpty();
        assertThat(run("run", "--url", database.text()).err()).contains("run as evil");
        run("uninstall", "--url", evil.text());
        database.run("drop owned by evil cascade; drop role evil");
    }

    @Test
    void defaultPrivilegesOpenNothing() {
        TestDatabase database = TestPostgres.shared().empty();
        database.run("drop role if exists nosy; create role nosy login password 'nosy';"
                + " alter default privileges grant all on tables to nosy");
        run("install", "--url", database.text(), "--grant", "nosy");
        assertThat(database.one("select has_table_privilege('nosy', 'net.http_request_queue', 'select')"))
                .isEqualTo("f");
        assertThat(database.as("nosy").one("select net.http_get('http://example.com')"))
                .isEqualTo("1");
        database.run("alter default privileges revoke all on tables from nosy; drop owned by nosy; drop role nosy");
    }

    @Test
    void anUpgradeNeedsNoRightToCreateAndStopsNoSender() throws Exception {
        TestDatabase database = TestPostgres.shared().empty();
        database.run("drop role if exists calm; create role calm login password 'calm'");
        database.run("grant create on database " + database.url().database() + " to calm");
        TestDatabase calm = database.as("calm");
        run("install", "--url", calm.text());
        database.run("revoke create on database " + database.url().database() + " from calm");
        try (var open = calm.connect();
                var statement = open.createStatement()) {
            open.setAutoCommit(false);
            statement.execute("select net.http_get('http://example.com'), (select count(*) from net.my_requests)");
            assertThat(run("install", "--url", calm.text()).err()).isEmpty();
            open.rollback();
        }
        run("uninstall", "--url", calm.text());
        database.run("drop owned by calm; drop role calm");
    }

    @Test
    void anOwnerWithoutSuperuserIsEnough() {
        TestDatabase database = TestPostgres.shared().empty();
        database.run("drop role if exists plain; create role plain login password 'plain'");
        database.run("grant create on database " + database.url().database() + " to plain");
        TestDatabase plain = database.as("plain");
        Ran ran = run("install", "--url", plain.text());
        assertThat(ran.err()).isEmpty();
        try (TestBridge bridge = TestBridge.start(plain)) {
            assertThat(plain.one("select (net.http_get_result(net.http_get('http://10.0.0.1/'))).status"))
                    .isEqualTo("PENDING");
            assertThat(bridge.bridge().health().whyNotReady()).isEmpty();
        }
        assertThat(run("uninstall", "--url", plain.text(), "--force").err()).isEmpty();
        database.run("revoke all on database " + database.url().database() + " from plain; drop role plain");
    }

    @Test
    void runSaysWhatIsMissing() {
        TestDatabase empty = TestPostgres.shared().empty();
        assertEnds(run("run", "--url", empty.text()), "there is no schema net in database .*: run pgnetty install");
        assertEnds(
                run("run", "--url", empty.text().replace("postgres:postgres@", "nobody:wrong@")),
                "(?s).*(authentication failed|does not exist).*");
        assertEnds(
                run("run", "--url", empty.text().replaceAll("/[^/]*$", "/nowhere")),
                ".*:[0-9]+/nowhere: database \"nowhere\" does not exist.*");

        TestDatabase installed = TestPostgres.shared().installed();
        installed.run("drop role if exists weak; create role weak login password 'weak'");
        assertEnds(
                run("run", "--url", installed.as("weak").text()),
                "role weak may not run a bridge here: .*--bridge-role weak");
        installed.run("drop role weak");
    }

    @Test
    void whereLogsAreJsonEachLineIs() {
        TestDatabase empty = TestPostgres.shared().empty();
        Ran ran = run("run", "--url", empty.text(), "--log-format", "json");
        assertThat(ran.code()).isEqualTo(1);
        List<JsonNode> lines = ran.err()
                .lines()
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
        assertThat(lines.get(0).at("/message").asString())
                .contains("pgnetty " + Version.current(), "concurrency=256", "sslmode=prefer")
                .doesNotContain("postgres:postgres");
        assertThat(lines.get(lines.size() - 1).at("/message").asString()).contains("there is no schema net");
        assertThat(lines.get(lines.size() - 1).at("/level").asString()).isEqualTo("ERROR");
    }

    @Test
    void anAddressInUseIsNamed() {
        TestDatabase installed = TestPostgres.shared().installed();
        try (TestBridge bridge = TestBridge.start(installed)) {
            assertEnds(
                    run("run", "--url", installed.text(), "--admin", "127.0.0.1:" + bridge.adminPort()),
                    "--admin: cannot listen on 127.0.0.1:.*");
        }
    }

    @Test
    void statusIsOneScreenOrOneObject() {
        TestDatabase database = TestPostgres.shared().installed();
        database.run("select net.http_get('http://a.example'), net.http_get('http://b.example:8080')");
        Ran screen = run("status", "--url", database.text());
        assertThat(screen.out()).contains("waiting    2", "No bridge serves this database", "b.example:8080");
        try (TestBridge bridge =
                TestBridge.start(TestPostgres.install(TestPostgres.shared().empty()))) {
            assertThat(bridge).isNotNull();
        }
        JsonNode json = JsonMapper.shared()
                .readTree(run("status", "--json", "--url", database.text()).out());
        assertThat(json.at("/queued").asInt()).isEqualTo(2);
        assertThat(json.at("/hosts").size()).isEqualTo(2);
        assertThat(json.at("/in_flight").asInt()).isZero();
        assertEnds(run("status", "--url", TestPostgres.shared().empty().text()), "there is no schema net .*");
    }

    @Test
    void statusWorksAsEachRoleAndThroughAPooler() throws IOException {
        TestDatabase database = TestPostgres.shared().empty();
        String name = database.one("select current_database()");
        List<String> roles = List.of("bridge_" + name, "looker_" + name);
        Ran installed = run(
                "install",
                "--url",
                database.text(),
                "--bridge-role",
                roles.get(0),
                "--monitor",
                roles.get(1),
                "--monitor",
                "pg_monitor");
        assertThat(installed.out())
                .contains(
                        "Roles that may run bridges: " + roles.get(0) + ".",
                        "Roles that may look at it: " + roles.get(0) + ", " + roles.get(1) + ", pg_monitor.",
                        "\\password " + roles.get(0));
        database.run("select net.http_get('http://a.example')");
        for (String role : roles) {
            database.run("alter role " + role + " password '" + role + "'");
            assertThat(run("status", "--url", database.as(role).text()).out()).contains("a.example");
        }
        assertEnds(
                run("run", "--url", database.as(roles.get(1)).text()),
                "role .* may not run a bridge here: pgnetty install --bridge-role .*");
        if (PgBouncer.installed()) {
            PgBouncer pooler = PgBouncer.inFrontOf(database);
            assertThat(run("status", "--url", pooler.url(database)).out()).contains("a.example");
        }
        roles.forEach(role -> database.run("drop owned by " + role + "; drop role " + role));
    }

    @Test
    void anEventTriggerThatRefusesIsNamed() {
        TestDatabase database = TestPostgres.shared().installed();
        database.run("create function public.no_ddl() returns event_trigger language plpgsql as $$ begin"
                + " raise exception 'ask the DBAs first'; end $$;"
                + "create event trigger guard_ddl on ddl_command_end execute function public.no_ddl()");
        for (String command : List.of("install", "uninstall")) {
            assertThat(run(command, "--url", database.text()).err())
                    .contains("event trigger \"guard_ddl\" (function no_ddl) has refused it: ask the DBAs first");
        }
        database.run("drop event trigger guard_ddl");
    }

    @Test
    void uninstallNamesTheBridgesThatAreAlive() {
        TestDatabase database = TestPostgres.shared().installed();
        try (TestBridge bridge = TestBridge.start(database)) {
            assertThat(bridge.bridge()).isNotNull();
            Awaitility.await()
                    .until(() ->
                            database.one("select count(*) from net.bridges").equals("1"));
            assertThat(run("uninstall", "--url", database.text()).out())
                    .contains("Bridges that were alive, and wait for it until they are stopped: test.");
        }
    }

    @Test
    void installSaysWhatWasThereAndRefusesToGoBack() {
        TestDatabase database = TestPostgres.shared().empty();
        database.run("create role by_hand; create role caller");
        String[] install = {"install", "--url", database.text()};
        assertThat(run("install", "--url", database.text(), "--grant", "caller").out())
                .contains("is installed in", ": " + Version.current() + ", step ", "Roles that may use it: caller.");
        assertThat(database.one("select net.version()")).isEqualTo(Version.current());
        database.run("grant execute on function net.wake(), net.pause to by_hand;"
                + "comment on schema net is 'of somebody'; delete from net.schema_step where step = 18");
        assertThat(run(install).out())
                .contains("is upgraded from an earlier version, step 17, to " + Version.current());
        assertThat(run(install).out()).contains("is as it was: " + Version.current());
        assertThat(database.one("select has_function_privilege('by_hand', 'net.wake()', 'execute')"))
                .isEqualTo("t");
        database.run("insert into net.schema_step (step) values (99)");
        assertEnds(
                run(install),
                "schema \"net\" was installed by a newer version of pgnetty \\(step 99; this one knows [0-9]+\\).*");
    }

    @Test
    void statusTellsWhereTheEgressRulesOfBridgesDiffer() {
        TestDatabase database = TestPostgres.shared().installed();
        String bridge =
                "insert into net.bridges (bridge, name, version, state, in_flight, step, egress_allow, egress_deny)"
                        + " values (gen_random_uuid(), '%s', '1', 'running', 0, 0, '%s', '')";
        database.run(bridge.formatted("a", "10.0.0.0/8"));
        database.run(bridge.formatted("b", "10.0.0.0/8"));
        assertThat(run("status", "--url", database.text()).out()).doesNotContain("egress");
        database.run(bridge.formatted("c", ""));
        assertThat(run("status", "--url", database.text()).out())
                .contains(
                        "The egress rules of the bridges differ",
                        "c: --egress-allow \"\" --egress-deny \"\"",
                        ": --egress-allow \"10.0.0.0/8\" --egress-deny \"\"");
        assertThat(JsonMapper.shared()
                        .readTree(run("status", "--json", "--url", database.text())
                                .out())
                        .at("/bridges")
                        .findValuesAsString("egress_allow"))
                .containsExactlyInAnyOrder("10.0.0.0/8", "10.0.0.0/8", "");
    }

    private static void assertEnds(Ran ran, String pattern) {
        assertThat(ran.code()).as(ran.err()).isEqualTo(1);
        List<String> lines =
                ran.err().lines().filter(line -> line.startsWith("pgnetty: ")).toList();
        assertThat(lines).as(ran.err()).hasSize(1);
        assertThat(lines.get(0).substring("pgnetty: ".length())).matches(pattern);
    }

    private static Ran run(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream oldOut = System.out;
        PrintStream oldErr = System.err;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            List<String> all = new ArrayList<>(List.of(args));
            if (all.contains("run") && !all.contains("--log-format")) {
                all.addAll(List.of("--log-format", "text"));
            }
            int code = Cli.run(all.toArray(String[]::new), List.of());
            return new Ran(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(oldOut);
            System.setErr(oldErr);
        }
    }

    @Test
    void whatIsTypedWrongIsRepeatedWithoutPasswords() throws IOException {
        for (String[] arguments : new String[][] {
            {"run", "postgresql://me:hunter2@h/d"},
            {"run", "hunter2"},
            {"run", "--url", "postgresql:/me:hunter2@h/d"},
            {"run", "--url", "host=h password=hunter2"},
            {"run", "--url", "me:hunter2@h"},
            {"run", "--pasword=hunter2"},
            {"run", "--egress-allow", "http://me:hunter2@h/"},
            {"run", "--concurrency", "postgresql://me:hunter2@h/d"},
            {"status", "hunter2"},
            {"status", "--url", "postgresql://h/d", "--password=hunter2"},
            {"install", "--url", "postgresql://me:hunter2@h:x/d"},
            {"bench", "--rounds", "postgresql://me:hunter2@h/d"},
            {"hunter2"}
        }) {
            Ran ran = run(arguments);
            assertThat(ran.code()).as(String.join(" ", arguments)).isEqualTo(2);
            assertThat(ran.out() + ran.err()).as(String.join(" ", arguments)).doesNotContain("hunter2");
        }
        Path config = Files.writeString(Files.createTempFile("pgnetty-", ".properties"), "concurrency = many\n");
        Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-r--r--"));
        config.toFile().deleteOnExit();
        assertThat(new ConfigReader(Map.of(), Map.of()).withFile(config).warnings())
                .singleElement(InstanceOfAssertFactories.STRING)
                .contains("every user of this machine may read", "chmod o-r");
        Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(new ConfigReader(Map.of(), Map.of()).withFile(config).warnings())
                .isEmpty();
    }
}
