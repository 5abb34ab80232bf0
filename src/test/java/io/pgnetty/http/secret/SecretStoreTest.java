package io.pgnetty.http.secret;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("quick")
class SecretStoreTest {

    @Test
    void aFileComesBeforeAVariableAndIsReadEachTime(@TempDir Path folder) throws IOException {
        SecretStore store = new SecretStore(folder, Map.of("PGNETTY_SECRET_A_B_C", "of the environment"));
        assertThat(store.value("a.b-c")).contains("of the environment");
        // As Kubernetes has it: a link to a folder that is replaced.
        Path mounted = Files.createDirectory(folder.resolve("..data"));
        Files.writeString(mounted.resolve("a.b-c"), "one\n");
        Files.createSymbolicLink(folder.resolve("a.b-c"), Path.of("..data", "a.b-c"));
        assertThat(store.value("a.b-c")).contains("one");
        Files.writeString(mounted.resolve("a.b-c"), "two\r\n");
        assertThat(store.value("a.b-c")).contains("two");
        Files.writeString(mounted.resolve("a.b-c"), "\n");
        assertThat(store.value("a.b-c")).isEmpty();
    }

    @Test
    void whatIsNoSecretIsNone(@TempDir Path folder) throws IOException {
        SecretStore store = new SecretStore(folder, Map.of("PGNETTY_SECRET_EMPTY", ""));
        Files.createDirectory(folder.resolve("folder"));
        Files.write(folder.resolve("large"), new byte[(64 << 10) + 1]);
        for (String name : new String[] {"missing", "folder", "large", "empty"}) {
            assertThat(store.value(name)).as(name).isEmpty();
        }
        assertThat(new SecretStore(null, Map.of()).value("a")).isEmpty();
    }
}
