package io.pgnetty.webhook;

import static io.pgnetty.webhook.Webhooks.bodies;
import static io.pgnetty.webhook.Webhooks.urls;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.postgres.Schema;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Triggers as Supabase's dashboard makes them. */
class SupabaseTest {

    private static final String FUNCTION =
            "execute function supabase_functions.http_request('http://hooks.example/in', 'POST',"
                    + " '{\"Content-Type\":\"application/json\"}', '{}', '1000')";

    private final TestDatabase database = TestPostgres.shared().empty();

    @BeforeEach
    void install() {
        database.run("do $$ begin create role supabase_app login password 'supabase_app';"
                + " exception when duplicate_object then null; end $$");
        install(true);
        database.run("create table orders (id int, status text); grant all on orders to supabase_app");
    }

    private void install(boolean supabase) {
        Schema.run(
                        database.url(),
                        Schema.installScript(new Schema.Options(
                                List.of("supabase_app"),
                                List.of(),
                                List.of(),
                                Optional.empty(),
                                Optional.empty(),
                                supabase)))
                .block();
    }

    @Test
    void itsTriggersWorkUnchanged() {
        database.run(
                "create trigger \"order hook\" after insert or update or delete on orders for each row " + FUNCTION);
        TestDatabase app = database.as("supabase_app");
        app.run("insert into orders values (1, 'new')");
        app.run("update orders set status = 'paid'");
        app.run("delete from orders");

        assertThat(bodies(database))
                .extracting(Object::toString)
                .containsExactly(
                        "{\"type\":\"INSERT\",\"table\":\"orders\",\"record\":{\"id\":1,\"status\":\"new\"},"
                                + "\"schema\":\"public\",\"old_record\":null}",
                        "{\"type\":\"UPDATE\",\"table\":\"orders\",\"record\":{\"id\":1,\"status\":\"paid\"},"
                                + "\"schema\":\"public\",\"old_record\":{\"id\":1,\"status\":\"new\"}}",
                        "{\"type\":\"DELETE\",\"table\":\"orders\",\"record\":null,"
                                + "\"schema\":\"public\",\"old_record\":{\"id\":1,\"status\":\"paid\"}}");
        assertThat(database.rows("select method, url, timeout_milliseconds, queued_by from net.http_request_queue"))
                .containsOnly(List.of("POST", "http://hooks.example/in", "1000", "supabase_app"));
        assertThat(
                        database.rows(
                                "select h.hook_name, h.hook_table_id = 'orders'::regclass::oid::integer, q.id is not null"
                                        + " from supabase_functions.hooks h left join net.http_request_queue q on q.id = h.request_id"))
                .hasSize(3)
                .containsOnly(List.of("order hook", "t", "t"));
    }

    @Test
    void alsoAsAConstraintTriggerOnAPartitionAndBeforeADelete() {
        database.run("create constraint trigger late after insert on orders deferrable initially deferred for each row "
                + FUNCTION
                + "; create trigger early before delete on orders for each row " + FUNCTION
                + "; create table parts (id int) partition by list (id); create table part_1 partition of parts for values in (1);"
                + "create trigger part after insert on part_1 for each row " + FUNCTION);
        database.run("insert into orders values (1); insert into parts values (1)");
        assertThat(urls(database)).hasSize(2);
        database.run("delete from orders");
        assertThat(database.one("select count(*) from orders")).isEqualTo("0");
        assertThat(urls(database)).hasSize(3);
    }

    @Test
    void argumentsAreAsTheirs() {
        database.run("create trigger h after insert on orders for each row when (new.id = 1) execute function"
                + " supabase_functions.http_request('http://hooks.example/get', 'GET', 'null', '{\"a\": \"b c\"}', 'null');"
                + "create trigger i after insert on orders for each row when (new.id = 2) execute function"
                + " supabase_functions.http_request('null', 'POST');"
                + "create trigger j after insert on orders for each row when (new.id = 3) execute function"
                + " supabase_functions.http_request('http://a.example/', 'null');"
                + "create trigger k after insert on orders for each row when (new.id = 4) execute function"
                + " supabase_functions.http_request('http://a.example/', 'PATCH')");
        database.run("insert into orders values (1)");
        assertThat(database.rows("select method, url, body is null, timeout_milliseconds from net.http_request_queue"))
                .containsExactly(List.of("GET", "http://hooks.example/get?a=b%20c", "t", "1000"));
        assertThatThrownBy(() -> database.run("insert into orders values (2)"))
                .hasMessageContaining("url argument is missing");
        assertThatThrownBy(() -> database.run("insert into orders values (3)"))
                .hasMessageContaining("method argument is missing");
        assertThatThrownBy(() -> database.run("insert into orders values (4)"))
                .hasMessageContaining("method argument PATCH is invalid");
    }

    /** It stays with the next install, which need not name it. */
    @Test
    void itStaysAndGoesWithPgnetty() {
        install(false);
        database.run("create trigger h after insert on orders for each row " + FUNCTION
                + "; insert into orders values (1); delete from net.http_request_queue");
        assertThatThrownBy(() ->
                        Schema.run(database.url(), Schema.uninstallScript(true)).block())
                .hasMessageContaining("there are webhooks on public.orders");
        database.run(
                "drop trigger h on orders; select net.create_webhook('o', 'orders', '{insert}', 'http://a.example/')");
        assertThatThrownBy(() ->
                        Schema.run(database.url(), Schema.uninstallScript(true)).block())
                .hasMessageContaining("there are webhooks on public.orders");
        database.run("select net.drop_webhook('o')");
        Schema.run(database.url(), Schema.uninstallScript(true)).block();
        assertThat(database.one("select count(*) from pg_namespace where nspname in ('net', 'supabase_functions')"))
                .isEqualTo("0");
    }

    /** As on Supabase itself. */
    @Test
    void anotherRolesSchemaStopsNoInstall() {
        TestDatabase other = TestPostgres.shared().empty();
        other.run("create schema supabase_functions authorization supabase_app; set role supabase_app;"
                + "create table supabase_functions.hooks (id int)");
        TestPostgres.install(other, "supabase_app");
        assertThat(other.one("select nspacl is null from pg_namespace where nspname = 'supabase_functions'"))
                .isEqualTo("t");
        Schema.run(other.url(), Schema.uninstallScript(false)).block();
        assertThat(other.one("select to_regclass('supabase_functions.hooks') is not null"))
                .isEqualTo("t");
    }

    @Test
    void aSchemaOfSomebodyElsesIsLeftAlone() {
        TestDatabase other = TestPostgres.shared().empty();
        other.run("create schema supabase_functions authorization supabase_app");
        assertThatThrownBy(() -> Schema.run(
                                other.url(),
                                Schema.installScript(new Schema.Options(
                                        List.of(), List.of(), List.of(), Optional.empty(), Optional.empty(), true)))
                        .block())
                .hasMessageContaining("there is a schema \"supabase_functions\" of role \"supabase_app\"");
    }
}
