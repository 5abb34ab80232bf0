package io.pgnetty.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/** The second example of docs/testing.md, where Docker runs: {@code -Dpgnetty.test.image=postgres:17}. */
@EnabledIfSystemProperty(named = "pgnetty.test.image", matches = ".+")
class ContainerHookTest {

    static final PostgreSQLContainer postgres =
            new PostgreSQLContainer(DockerImageName.parse(System.getProperty("pgnetty.test.image", "postgres:17"))
                    .asCompatibleSubstituteFor("postgres"));

    @RegisterExtension
    static final PgnettyExtension pgnetty = PgnettyExtension.at(() -> {
        postgres.start();
        return "postgresql://" + postgres.getUsername() + ":" + postgres.getPassword() + "@" + postgres.getHost() + ":"
                + postgres.getMappedPort(5432) + "/" + postgres.getDatabaseName();
    });

    @Test
    void sendsFromTheContainer() throws SQLException {
        try (Connection connection = pgnetty.connect();
                Statement statement = connection.createStatement();
                ResultSet id = statement.executeQuery(
                        "select net.http_get('" + pgnetty.target().url("/") + "')")) {
            assertThat(id.next()).isTrue();
            assertThat(pgnetty.await(id.getLong(1)).succeeded()).isTrue();
        }
    }
}
