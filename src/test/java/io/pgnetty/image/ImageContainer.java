package io.pgnetty.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The image's root file system, run as a container runtime does: its own root, read-only but for /tmp, the image's user, and a limit of memory
 * (cgroup v1). Needs root and {@code unshare}.
 */
final class ImageContainer implements AutoCloseable {

    static final Path IMAGE = Path.of("target", "pgnetty-image.tar");

    private static final Path MEMORY = Path.of("/sys/fs/cgroup/memory");

    /** With the root as $0, the group of the limit as $1 and the user as $2: what is left is run. */
    private static final String ISOLATE = """
            set -e
            echo $$ > "$1/cgroup.procs"
            user=$2
            shift 2
            mount --bind "$0" "$0"
            cd "$0"
            mount -t proc proc proc
            mount --rbind /dev dev
            mount --rbind /sys sys
            mount -t tmpfs -o size=64m tmpfs tmp
            mount -o remount,ro,bind "$0"
            exec chroot --userspec="$user" --groups= . "$@"
            """;

    private final Process process;
    private final Path log;
    private final Path group;

    private ImageContainer(Process process, Path log, Path group) {
        this.process = process;
        this.log = log;
        this.group = group;
    }

    /** Whether one can be run here. */
    static boolean isPossible() {
        return Files.exists(IMAGE)
                && "root".equals(System.getProperty("user.name"))
                && Files.isExecutable(Path.of("/usr/bin/unshare"))
                && Files.isWritable(MEMORY.resolve("memory.limit_in_bytes"));
    }

    /** Unpacks the image's layers, one over the other. */
    static JsonNode unpack(Path folder) throws IOException, InterruptedException {
        Path parts = Files.createDirectories(folder.resolve("parts"));
        Path root = Files.createDirectories(folder.resolve("root"));
        run("tar", "-xf", IMAGE.toAbsolutePath().toString(), "-C", parts.toString());
        JsonNode manifest = JsonMapper.shared()
                .readTree(parts.resolve("manifest.json").toFile())
                .get(0);
        for (JsonNode layer : manifest.get("Layers")) {
            run("tar", "-xpf", parts.resolve(layer.asString()).toString(), "-C", root.toString());
        }
        // A runtime makes these, too.
        for (String place : List.of("proc", "dev", "sys")) {
            Files.createDirectories(root.resolve(place));
        }
        return JsonMapper.shared()
                .readTree(parts.resolve(manifest.get("Config").asString()).toFile())
                .get("config");
    }

    /** Starts the image's entrypoint, with options for the JVM, in a limit of memory. */
    static ImageContainer start(Path folder, JsonNode config, long memory, List<String> jvm, List<String> arguments) {
        try {
            Path group = MEMORY.resolve("pgnetty-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
            Files.createDirectory(group);
            Files.writeString(group.resolve("memory.limit_in_bytes"), String.valueOf(memory));
            Path log = folder.resolve("log-" + System.nanoTime());
            ProcessBuilder builder = new ProcessBuilder(
                            command(folder.toAbsolutePath().resolve("root"), config, group, jvm, arguments))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().clear();
            builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
            config.get("Env").forEach(variable -> {
                String[] parts = variable.asString().split("=", 2);
                builder.environment().put(parts[0], parts[1]);
            });
            Process process = builder.start();
            return new ImageContainer(process, log, group);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> command(
            Path root, JsonNode config, Path group, List<String> jvm, List<String> arguments) {
        String user = config.get("User").asString();
        List<String> command = new ArrayList<>(
                List.of("unshare", "--mount", "sh", "-c", ISOLATE, root.toString(), group.toString(), user));
        config.get("Entrypoint").forEach(part -> command.add(part.asString()));
        command.addAll(command.indexOf("-jar"), jvm);
        command.addAll(arguments);
        return command;
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream out = process.getInputStream()) {
            String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + said);
            }
        }
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The most memory that it has used, page cache and all, in bytes. */
    long mostMemory() throws IOException {
        return Long.parseLong(
                Files.readString(group.resolve("memory.max_usage_in_bytes")).strip());
    }

    /** What it has in memory that is not a file's, in bytes: what cannot be given back. */
    long ownMemory() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }

    /** SIGTERM; gives the exit code. */
    int stop(long seconds) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            throw new IllegalStateException("not ended within " + seconds + " s: " + log());
        }
        return process.exitValue();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroyForcibly();
        process.waitFor();
        Files.deleteIfExists(group);
    }
}
