package io.pgnetty.attack;

import static io.pgnetty.attack.Attackers.ATTACKER;
import static io.pgnetty.attack.Attackers.STRANGER;
import static io.pgnetty.attack.Attackers.VICTIM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.testing.TestDatabase;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What each role may do with each relation and function there is: a new one fails here until it is decided. */
class AttackRightsTest {

    private final TestDatabase database = Attackers.database();

    @Test
    void grantedRolesMayDoThisWithRelationsAndNothingElse() {
        Map<String, String> may = new TreeMap<>();
        for (List<String> row : database.rows("select c.relname, p.privilege"
                + " from pg_class c cross join unnest('{SELECT,INSERT,UPDATE,REFERENCES}'::text[]) p (privilege)"
                + " where c.relnamespace = 'net'::regnamespace and c.relkind in ('r', 'v', 'p', 'm')"
                + " and has_any_column_privilege('" + ATTACKER + "', c.oid, p.privilege)"
                + " union all select c.relname, p.privilege"
                + " from pg_class c cross join unnest('{DELETE,TRUNCATE,TRIGGER}'::text[]) p (privilege)"
                + " where c.relnamespace = 'net'::regnamespace and c.relkind in ('r', 'v', 'p', 'm')"
                + " and has_table_privilege('" + ATTACKER + "', c.oid, p.privilege)"
                + " union all select c.relname, p.privilege"
                + " from pg_class c cross join unnest('{USAGE,SELECT,UPDATE}'::text[]) p (privilege)"
                + " where c.relnamespace = 'net'::regnamespace and c.relkind = 'S'"
                + " and has_sequence_privilege('" + ATTACKER + "', c.oid, p.privilege) order by 1, 2")) {
            may.merge(row.get(0), row.get(1), (a, b) -> a + " " + b);
        }
        assertThat(may)
                .isEqualTo(new TreeMap<>(Map.ofEntries(
                        Map.entry("_http_response", "SELECT"),
                        Map.entry("attempts", "SELECT"),
                        Map.entry("callback", "SELECT"),
                        Map.entry("dead_letter", "SELECT"),
                        Map.entry("my_requests", "SELECT"),
                        Map.entry("my_request_ids", "SELECT"),
                        Map.entry("my_waits", "SELECT"),
                        Map.entry("requests", "SELECT"),
                        Map.entry("webhooks", "SELECT"),
                        Map.entry("http_request_queue", "INSERT"),
                        Map.entry("new_request", "INSERT SELECT"),
                        Map.entry("cancellation", "INSERT SELECT"),
                        Map.entry("redelivery", "INSERT SELECT"),
                        Map.entry("replaying", "INSERT SELECT"),
                        Map.entry("sent_request", "SELECT"),
                        Map.entry("key_lookup", "INSERT SELECT"),
                        Map.entry("room_check", "INSERT SELECT"),
                        Map.entry("known_id", "SELECT"),
                        Map.entry("limit_id", "SELECT"),
                        Map.entry("role_limits", "SELECT"),
                        Map.entry("http_request_queue_id_seq", "SELECT"))));
    }

    @Test
    void grantedRolesInsertTheseColumnsAndReadTheseOnly() {
        assertThat(columns("INSERT"))
                .isEqualTo(Map.of(
                        "http_request_queue", "body headers method timeout_milliseconds url",
                        "new_request",
                                "body dedupe_key fingerprint fire_and_forget headers keep_failed keep_request keep_sent max_attempts method"
                                        + " not_before notify_channel on_dead on_response ordering_key priority rank sign_with"
                                        + " state timeout_milliseconds url webhook webhook_table",
                        "cancellation", "error host ids since until",
                        "redelivery", "discard error host ids since until",
                        "replaying", "new_key only_failed since until webhook webhook_table",
                        "key_lookup", "fingerprint key",
                        "room_check", "id"));
        assertThat(columns("SELECT").entrySet().stream()
                        .filter(entry -> List.of(
                                        "new_request",
                                        "cancellation",
                                        "redelivery",
                                        "replaying",
                                        "key_lookup",
                                        "room_check")
                                .contains(entry.getKey()))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)))
                .isEqualTo(Map.of(
                        "new_request", "id",
                        "cancellation", "cancelled",
                        "redelivery", "new_ids",
                        "replaying", "count",
                        "key_lookup", "same_id unsure",
                        "room_check", "id"));
    }

    private Map<String, String> columns(String privilege) {
        return database
                .rows("select c.relname, string_agg(a.attname, ' ' order by a.attname)"
                        + " from pg_class c join pg_attribute a on a.attrelid = c.oid"
                        + " where c.relnamespace = 'net'::regnamespace and c.relkind in ('r', 'v') and a.attnum > 0"
                        + " and has_column_privilege('" + ATTACKER + "', c.oid, a.attnum, '" + privilege
                        + "') group by 1")
                .stream()
                .collect(Collectors.toMap(row -> row.get(0), row -> row.get(1)));
    }

    /** These work with the owner's rights: none of them may decide by who calls it, or by what it is told of that. */
    @Test
    void grantedRolesReachTheseDefinerFunctionsOnly() {
        assertThat(database.rows("select p.proname from pg_proc p where p.pronamespace = 'net'::regnamespace"
                        + " and p.prosecdef and has_function_privilege('" + ATTACKER
                        + "', p.oid, 'EXECUTE') order by 1"))
                .extracting(row -> row.get(0))
                .containsExactly("ask_restart", "bridge_is_up", "callback_roles");
        assertThat(database.rows("select p.proname from pg_proc p where p.pronamespace = 'net'::regnamespace"
                        + " and p.prosecdef and not has_function_privilege('" + ATTACKER + "', p.oid, 'EXECUTE')"
                        + " and p.prorettype <> 'trigger'::regtype"))
                .extracting(row -> row.get(0))
                // The bridges', for what somebody with their token orders.
                .containsExactly("operate");
    }

    @Test
    void aStrangerReachesNothing() {
        assertThat(database.rows(
                        "select p.oid::regprocedure::text from pg_proc p where p.pronamespace = 'net'::regnamespace"
                                + " and has_function_privilege('" + STRANGER + "', p.oid, 'EXECUTE')"))
                .isEmpty();
        assertThat(database.rows(
                        "select c.oid::regclass::text from pg_class c where c.relnamespace = 'net'::regnamespace"
                                + " and c.relkind in ('r', 'v') and has_any_column_privilege('" + STRANGER
                                + "', c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')"))
                .isEmpty();
        for (List<String> function : database.rows("select 'net.' || quote_ident(proname) || '('"
                + " || (select coalesce(string_agg('null', ', '), '') from generate_series(1, pronargs)) || ')'"
                + " from pg_proc where pronamespace = 'net'::regnamespace and prorettype <> 'trigger'::regtype")) {
            assertThatThrownBy(() -> database.as(STRANGER).one("select " + function.get(0)))
                    .as(function.get(0))
                    .hasMessageContaining("permission denied");
        }
    }

    @Test
    void triggersOfOursCannotBeTakenForTablesOfOthers() {
        TestDatabase eve = database.as(ATTACKER);
        eve.run("create table public.mine (ids bigint[], host text, since timestamptz, error text, until timestamptz,"
                + " ordered_by regrole, cancelled bigint)");
        for (List<String> function :
                database.rows("select proname from pg_proc where pronamespace = 'net'::regnamespace"
                        + " and prorettype = 'trigger'::regtype")) {
            assertThatThrownBy(() ->
                            eve.run("create trigger t before insert on public.mine for each row execute function net."
                                    + function.get(0) + "()"))
                    .as(function.get(0))
                    .hasMessageContaining("permission denied");
        }
    }

    @Test
    void rowsOfOthersAreSeenNowhere() {
        String marker = "http://victim.example/only-mine";
        database.as(VICTIM).run("select net.http_get('" + marker + "', headers := '{\"X-Mark\": \"only-mine\"}')");
        String id = database.as(VICTIM)
                .one("select net.http_request('GET', '" + marker + "', idempotency_key := 'only-mine')");
        database.run("insert into net._http_response (id, queued_by, content) values (900, '" + VICTIM
                + "'::regrole, 'only-mine');"
                + " insert into net.attempts (id, attempt, started, error_msg, queued_by) values (900, 1, now(),"
                + " 'only-mine', '" + VICTIM + "'::regrole)");
        TestDatabase eve = database.as(ATTACKER);
        for (List<String> relation :
                database.rows("select c.oid::regclass::text, string_agg(quote_ident(a.attname), ', ')"
                        + " from pg_class c join pg_attribute a on a.attrelid = c.oid"
                        + " where c.relnamespace = 'net'::regnamespace and c.relkind in ('r', 'v') and a.attnum > 0"
                        + " and not a.attisdropped and has_column_privilege('" + ATTACKER
                        + "', c.oid, a.attnum, 'SELECT') group by 1")) {
            assertThat(eve.rows("select " + relation.get(1) + " from " + relation.get(0))
                            .toString())
                    .as(relation.get(0))
                    .doesNotContain("only-mine");
        }
        assertThat(eve.one("select net.http_request_status(" + id + ")")).isEqualTo("unknown");
        assertThat(eve.one("select net.cancel(" + id + ")")).isEqualTo("f");
        assertThat(eve.one("select net.cancel_where('*')")).isEqualTo("0");
        assertThat(eve.one("select net.redeliver_where('*')")).isEqualTo("0");
        assertThat(eve.one("select net.http_request('GET', '" + marker + "', idempotency_key := 'only-mine')"))
                .isNotEqualTo(id);
        assertThat(database.one(
                        "select count(*) from net.http_request_queue where queued_by = '" + VICTIM + "'::regrole"))
                .isEqualTo("2");
    }

    @Test
    void theLimitOfTheQueueHoldsForGrantedRoles() {
        database.run("update net.queue_limit set max_queued = 20; select setval('net.limit_id', 0)");
        TestDatabase eve = database.as(ATTACKER);
        eve.run("select net.http_get('http://h.example/') from generate_series(1, 20)");
        for (String insert : List.of(
                "select net.http_get('http://h.example/')",
                "insert into net.http_request_queue (method, url) values ('GET', 'http://h.example/')")) {
            assertThatThrownBy(() -> eve.run(insert)).as(insert).hasMessageContaining("--max-queued");
        }
    }
}
