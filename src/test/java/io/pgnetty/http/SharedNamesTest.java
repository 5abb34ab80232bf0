package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.HostName;
import io.pgnetty.request.HostPatterns;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import io.pgnetty.testing.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What Java and SQL must see alike: names of hosts, and names of credentials. */
class SharedNamesTest {

    private final TestDatabase database = TestPostgres.shared().installed();

    @Test
    void hostsHaveOneNameInJavaAndInSql() throws SQLException {
        List<String[]> vectors = Vectors.read("host-names.txt");
        List<String> inSql =
                inSql("net.canonical_host", vectors.stream().map(v -> v[0]).toList());
        for (int i = 0; i < vectors.size(); i++) {
            String[] vector = vectors.get(i);
            assertThat(HostName.canonical(vector[0]).orElse("-"))
                    .as("in Java: %s", vector[0])
                    .isEqualTo(vector[1]);
            assertThat(inSql.get(i)).as("in SQL: %s", vector[0]).isEqualTo(vector[1]);
        }
    }

    /** All letters of the alphabets that people know, and of the block with the most exceptions, and some of any other. */
    @Test
    void lettersMeanTheSameInJavaAndInSql() throws SQLException {
        long seed = new Random().nextLong();
        List<String> hosts = IntStream.concat(
                        IntStream.concat(IntStream.range(0x21, 0x600), IntStream.range(0x2f800, 0x2fa20)),
                        new Random(seed).ints(1_000, 0x600, 0x2ffff).filter(c -> c < 0xd800 || c > 0xdfff))
                .mapToObj(c -> Character.toString(c) + ".example")
                .toList();
        same(seed, hosts);
    }

    @Test
    void randomHostsMeanTheSameInJavaAndInSql() throws SQLException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        String alphabet = "aZ09.-_xX:[]%\u00c4\u00df\u0416\u3002\uff21\uff10\u0308!~f";
        List<String> hosts = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            StringBuilder host = new StringBuilder(random.nextInt(8) == 0 ? "[" : "");
            String letters = random.nextInt(3) == 0 ? "0123456789abcfx." : host.isEmpty() ? alphabet : "0123:f.";
            for (int j = random.nextInt(12); j >= 0; j--) {
                host.append(letters.charAt(random.nextInt(letters.length())));
            }
            hosts.add(host.append(host.charAt(0) == '[' ? "]" : "").toString());
        }
        same(seed, hosts);
    }

    private void same(long seed, List<String> hosts) throws SQLException {
        List<String> inSql = inSql("net.canonical_host", hosts);
        for (int i = 0; i < hosts.size(); i++) {
            assertThat(inSql.get(i))
                    .as(
                            "%s (%s), seed %d",
                            hosts.get(i),
                            hosts.get(i)
                                    .codePoints()
                                    .mapToObj(Integer::toHexString)
                                    .toList(),
                            seed)
                    .isEqualTo(HostName.canonical(hosts.get(i)).orElse("-"));
        }
    }

    @Test
    void urlsHaveOneHostInRulesAndQueue() {
        for (String url : List.of(
                "http://127.1:08140/x", "http://2130706433:8140", "http://127.0.0.1.:8140/", "http://0x7f.1:8140?a")) {
            database.run("select net.http_get('" + url + "')");
            assertThat(TargetUrl.parse(url).authority()).as(url).isEqualTo("127.0.0.1:8140");
        }
        assertThat(database.rows("select distinct host from net.http_request_queue"))
                .containsExactly(List.of("127.0.0.1:8140"));
        assertThat(database.one("select net.host_pattern('*.EXAMPLE.com.:0443')"))
                .isEqualTo("*.example.com:443");
        database.run("select net.pause('127.1:8140')");
        assertThat(database.rows("select distinct status from net.my_requests")).containsExactly(List.of("blocked"));
    }

    @Test
    void credentialNamesAreTheSameInJavaAndInSql() throws SQLException, IOException {
        List<String[]> vectors = Vectors.read("credential-names.txt");
        List<String> inSql = inSql(
                "(select case when is_credential then 'yes' else 'no' end from net.is_credential",
                vectors.stream().map(v -> v[0]).toList());
        for (int i = 0; i < vectors.size(); i++) {
            String[] vector = vectors.get(i);
            assertThat(CredentialNames.contain(vector[0]) ? "yes" : "no")
                    .as(vector[0])
                    .isEqualTo(vector[1]);
            assertThat(inSql.get(i)).as(vector[0]).isEqualTo(vector[1]);
        }
        // One list, written twice.
        assertThat(Files.readString(Path.of("sql/base/is_credential.sql"))).contains("'" + CredentialNames.LIST + "'");
    }

    @Test
    void patternsOfAHostAreTheSameInJavaAndInSql() throws SQLException {
        List<String[]> vectors = Vectors.read("host-patterns.txt");
        List<String> inSql = inSql(
                "(select array_to_string(patterns_of, ' ') from net.patterns_of",
                vectors.stream().map(v -> v[0]).toList());
        for (int i = 0; i < vectors.size(); i++) {
            String[] vector = vectors.get(i);
            assertThat(String.join(" ", HostPatterns.of(vector[0])))
                    .as("in Java: %s", vector[0])
                    .isEqualTo(vector[1]);
            assertThat(inSql.get(i)).as("in SQL: %s", vector[0]).isEqualTo(vector[1]);
        }
    }

    private List<String> inSql(String function, List<String> values) throws SQLException {
        List<String> results = new ArrayList<>();
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement("select coalesce("
                        + (function.startsWith("(") ? function + "(v.value))" : function + "(v.value)::text")
                        + ", '-') from unnest(?::text[]) with ordinality v (value, place) order by v.place")) {
            statement.setArray(1, connection.createArrayOf("text", values.toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    results.add(rows.getString(1));
                }
            }
        }
        return results;
    }
}
