package io.pgnetty.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** docs/pg_net.md, "From Supabase's Database Webhooks": its commands as printed. */
class MovingOverIT {

    private static final Pattern BLOCK = Pattern.compile("(?s)```sh\n(.*?)```");

    /** The version of the distribution's pg_dump, which reads none newer. */
    private final TestPostgres postgres = TestPostgres.version("15");

    private final TestDatabase old = postgres.empty();
    private final List<String> blocks = blocks();

    private static List<String> blocks() {
        try {
            String page = Files.readString(Path.of("docs", "pg_net.md"));
            return BLOCK.matcher(page.substring(page.indexOf("## From Supabase")))
                    .results()
                    .map((MatchResult match) ->
                            match.group(1).replace("java -jar pgnetty.jar", "java -jar target/pgnetty.jar"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a project at Supabase has: a role that nobody logs in as, whose function the triggers call. */
    @BeforeEach
    void supabase() {
        old.run("do $$ begin create role supabase_functions_admin nologin noinherit;"
                + " exception when duplicate_object then null; end $$;"
                + "do $$ begin create role app login password 'app'; exception when duplicate_object then null; end $$;"
                + "create schema supabase_functions authorization supabase_functions_admin;"
                + "set role supabase_functions_admin;"
                + "create function supabase_functions.http_request() returns trigger language plpgsql security definer"
                + " set search_path = supabase_functions as $$ declare request_id bigint;"
                + " headers jsonb := coalesce(nullif(tg_argv[2], 'null'), '{}')::jsonb; params jsonb := '{}';"
                + " timeout integer := coalesce(nullif(tg_argv[4], 'null'), '1000')::integer;"
                + " begin select http_post into request_id from net.http_post(tg_argv[0], jsonb_build_object('type', tg_op,"
                + " 'table', tg_table_name, 'record', new), params, headers, timeout); return new; end $$;"
                + "grant usage on schema supabase_functions to public; reset role;"
                + "create table orders (id int primary key, status text); grant all on orders to app;"
                + "insert into orders values (1, 'of before')");
    }

    private void hook(Target target) {
        old.run("create trigger \"order hook\" after insert on orders for each row execute function"
                + " supabase_functions.http_request('" + target.url("/hook")
                + "', 'POST', '{\"Content-Type\":\"application/json\"}', '{}', '1000')");
    }

    @Test
    void theirFunctionFindsOurs() throws Exception {
        shell(blocks.get(0), Map.of("DATABASE", old.text()));
        try (Target target = new Target();
                TestBridge bridge = TestBridge.start(old)) {
            hook(target);
            old.as("app").run("insert into orders values (2, 'new')");
            assertArrives(target, bridge);
        }
        assertThat(old.rows("select queued_by, status from net.requests"))
                .containsExactly(List.of("supabase_functions_admin", "succeeded"));
    }

    @Test
    void tablesAndTheirTriggersMove() throws Exception {
        assumeTrue(version("pg_dump").contains(" 15."), "pg_dump 15 is not installed");
        TestDatabase moved = postgres.empty();
        try (Target target = new Target()) {
            hook(target);
            shell(blocks.get(1), Map.of("OLD", old.text(), "NEW", moved.text()));
            assertThat(moved.rows("select * from orders")).containsExactly(List.of("1", "of before"));
            try (TestBridge bridge = TestBridge.start(moved)) {
                moved.run("grant all on orders to app");
                moved.as("app").run("insert into orders values (2, 'new')");
                assertArrives(target, bridge);
            }
        }
        assertThat(moved.rows("select queued_by, status from net.requests"))
                .containsExactly(List.of("app", "succeeded"));
    }

    private static void assertArrives(Target target, TestBridge bridge) {
        Awaitility.await().until(() -> target.count() == 1 && bridge.bridge().inFlight() == 0);
        JsonNode body = JsonMapper.shared().readTree(target.only().text());
        assertThat(target.only().uri()).isEqualTo("/hook");
        assertThat(body.get("record").get("status").asString()).isEqualTo("new");
        assertThat(body.get("table").asString()).isEqualTo("orders");
    }

    private static String version(String program) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(program, "--version").start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return said;
        } catch (IOException e) {
            return "";
        }
    }

    private static void shell(String script, Map<String, String> environment) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-euo", "pipefail", "-c", script).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
