package io.pgnetty.supply;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the jars are made of, and that the same comes of the same. */
class SupplyIT {

    private static final Path JAR = Path.of("target", "pgnetty.jar");
    private static final Path LOCK = Path.of("dependencies.lock");
    private static final String SBOM = "META-INF/sbom/pgnetty.cdx.json";

    @TempDir
    Path folder;

    /** Each library in its version, with the checksum of its file: one that was changed where it came from is found here. */
    @Test
    void eachLibraryIsTheOneThatIsLocked() throws IOException {
        List<String> libraries = new ArrayList<>();
        for (JsonNode component : sbom().path("components")) {
            String sum = "none";
            for (JsonNode hash : component.path("hashes")) {
                if (hash.path("alg").asString().equals("SHA-256")) {
                    sum = hash.path("content").asString();
                }
            }
            libraries.add(component.path("purl").asString() + " " + sum);
        }
        List<String> sorted = libraries.stream().sorted().toList();
        Path found = Path.of("target", "dependencies.lock");
        Files.write(found, sorted);
        assertThat(sorted)
                .as("%s and %s: where the change is meant, copy the second over the first", LOCK, found)
                .isEqualTo(Files.readAllLines(LOCK));
    }

    @Test
    void eachLibraryHasALicence() throws IOException {
        List<String> without = new ArrayList<>();
        for (JsonNode component : sbom().path("components")) {
            if (component.path("licenses").isEmpty()) {
                without.add(component.path("purl").asString());
            }
        }
        assertThat(without).isEmpty();
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assertThat(jar.stream().filter(entry -> entry.getName().startsWith("META-INF/licenses/")))
                    .hasSizeGreaterThan(20);
        }
    }

    /** Parts of Netty that read what nobody sends here. */
    @Test
    void codecsThatNobodyNeedsAreNotThere() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            Set<String> unused = Set.of("mqtt", "redis", "smtp", "stomp", "memcache", "haproxy", "xml");
            assertThat(jar.stream()
                            .map(entry -> entry.getName())
                            .filter(name -> unused.stream()
                                    .anyMatch(codec -> name.startsWith("io/netty/handler/codec/" + codec + "/"))))
                    .isEmpty();
        }
    }

    /** Applications' tests have it beside the bridge; what runs in production has neither it nor JUnit. */
    @Test
    void theExtensionForTestsIsAJarOfItsOwn() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            Path testing = files.filter(file -> file.toString().endsWith("-testing.jar"))
                    .findFirst()
                    .orElseThrow();
            assertThat(names(testing)).contains("io/pgnetty/junit/PgnettyExtension.class", "sql/junit/request.sql");
            assertThat(names(testing))
                    .allMatch(name -> name.startsWith("META-INF/")
                            || "io/pgnetty/junit/".startsWith(name)
                            || name.startsWith("io/pgnetty/junit/")
                            || "sql/junit/".startsWith(name)
                            || name.startsWith("sql/junit/"));
        }
        assertThat(names(JAR)).noneMatch(name -> name.contains("junit"));
    }

    private static List<String> names(Path path) throws IOException {
        try (JarFile jar = new JarFile(path.toFile())) {
            return jar.stream().map(JarEntry::getName).toList();
        }
    }

    /** In another folder, from the sources alone. */
    @Test
    void theSameSourcesMakeTheSameJar() throws Exception {
        copy(Path.of(""), folder);
        Process maven = new ProcessBuilder(
                        Path.of(System.getProperty("maven.home"), "bin", "mvn").toString(),
                        "-q",
                        "-B",
                        "-ntp",
                        "-DskipTests",
                        "package")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String out = new String(maven.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(maven.waitFor()).as(out).isZero();
        assertThat(sum(folder.resolve(JAR))).isEqualTo(sum(JAR));
    }

    private static JsonNode sbom() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile());
                InputStream in = jar.getInputStream(jar.getJarEntry(SBOM))) {
            return JsonMapper.shared().readTree(in);
        }
    }

    private static String sum(Path file) throws IOException, GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    private static void copy(Path from, Path to) throws IOException {
        Path root = from.toAbsolutePath();
        Set<String> left = Set.of("target", ".git");
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) throws IOException {
                if (dir.getParent() != null
                        && dir.getParent().equals(root)
                        && left.contains(dir.getFileName().toString())) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                Files.createDirectories(to.resolve(root.relativize(dir)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.copy(file, to.resolve(root.relativize(file)));
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
