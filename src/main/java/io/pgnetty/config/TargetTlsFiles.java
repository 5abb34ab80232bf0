package io.pgnetty.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What decides about TLS with targets.
 *
 * @param ca file with certificates that are believed besides the JVM's, or null
 * @param hosts folder with a folder for each host that has its own, or null
 * @param min the lowest version
 */
public record TargetTlsFiles(@Nullable Path ca, @Nullable Path hosts, TlsVersion min) {

    /** More than any of them has, in bytes. */
    private static final long MAX_BYTES = 4 << 20;

    /**
     * What is in the files.
     *
     * @param ca certificates that are believed besides the JVM's, PEM, or null
     * @param hosts the more exact pattern first
     */
    public record Contents(@Nullable String ca, List<HostTls> hosts) {}

    /**
     * Reads all files.
     *
     * @throws IllegalArgumentException with a line for each problem
     */
    public Contents read() {
        List<String> problems = new ArrayList<>();
        String believed = ca == null ? null : certificates(Setting.TLS_CA.option() + ": ", ca, problems);
        List<HostTls> patterns = new ArrayList<>();
        for (Path folder : folders(problems)) {
            patterns.add(read(folder, problems));
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        patterns.sort(Comparator.comparing((HostTls host) -> host.pattern().startsWith("*."))
                .thenComparing(host -> -host.pattern().length()));
        return new Contents(believed, List.copyOf(patterns));
    }

    /** Kubernetes keeps what it mounts in folders that begin with dots. */
    private List<Path> folders(List<String> problems) {
        if (hosts == null) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(hosts)) {
            return all.filter(Files::isDirectory)
                    .filter(folder -> !folder.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            problems.add(Setting.TLS_HOSTS.option() + ": cannot read " + hosts);
            return List.of();
        }
    }

    private HostTls read(Path folder, List<String> problems) {
        String at = Setting.TLS_HOSTS.option() + ": ";
        String pattern = folder.getFileName().toString();
        String wildcard = pattern.startsWith("*.") ? "*." : "";
        String name = host(pattern.substring(wildcard.length()));
        if (name == null) {
            problems.add(at + folder + " must be called as a host is, or *.example.com");
        }
        String cert = certificates(at, folder.resolve("tls.crt"), problems);
        String key = text(at, folder.resolve("tls.key"), problems);
        if ((cert == null) != (key == null)) {
            problems.add(at + folder + " needs both tls.crt and tls.key, or neither");
        } else if (cert != null && key != null) {
            TlsFiles.problems("", folder.resolve("tls.key").toString(), "")
                    .forEach(problem -> problems.add(
                            at + folder + " " + problem.replaceFirst("^has sslkey with a file", "has a tls.key")));
            if (problems.isEmpty() && !KeyMatch.isKeyOf(cert, key)) {
                problems.add(at + folder + " has a tls.key that is not that of its tls.crt");
            }
        }
        String serverName = text(at, folder.resolve("server-name"), problems);
        String version = text(at, folder.resolve("min-version"), problems);
        TlsVersion lowest = min;
        try {
            lowest = version == null ? min : TlsVersion.parse(version);
        } catch (IllegalArgumentException e) {
            problems.add(at + folder.resolve("min-version") + " " + e.getMessage());
        }
        if (serverName != null && host(serverName.strip()) == null) {
            problems.add(at + folder.resolve("server-name") + " must have a host's name");
        }
        return new HostTls(
                wildcard + name,
                cert,
                key,
                certificates(at, folder.resolve("ca.crt"), problems),
                serverName == null ? null : host(serverName.strip()),
                lowest);
    }

    private static @Nullable String host(String text) {
        return HostName.canonical(text.indexOf(':') >= 0 ? "[" + text + "]" : text)
                .map(name -> name.replaceAll("[\\[\\]]", ""))
                .orElse(null);
    }

    private static @Nullable String certificates(String at, Path file, List<String> problems) {
        String text = text(at, file, problems);
        if (text != null) {
            try {
                if (CertificateFactory.getInstance("X.509")
                        .generateCertificates(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
                        .isEmpty()) {
                    problems.add(at + file + " has no certificate in PEM");
                }
            } catch (CertificateException e) {
                problems.add(at + file + " has no certificate in PEM");
            }
        }
        return text;
    }

    /** Null where there is no such file. */
    private static @Nullable String text(String at, Path file, List<String> problems) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                problems.add(at + file + " is larger than such files are");
                return null;
            }
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            problems.add(at + "cannot read " + file);
            return null;
        }
    }
}
