package io.pgnetty.helm;

import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The chart, by the real Helm engine. */
final class Chart {

    static final Path FOLDER = Path.of("helm");

    /** The engine leaves hooks out of what it renders: this copy of the chart has them as objects like others. */
    private static final Path WITHOUT_HOOKS = withoutHooks();

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final KubernetesSerialization MODELS = new KubernetesSerialization();

    private Chart() {}

    /** What Helm renders with these values, which are YAML; throws with what it says where it refuses them. */
    static String render(String values) {
        try {
            Path file = Files.createTempFile("values", ".yaml");
            try {
                return new Helm(WITHOUT_HOOKS)
                        .template()
                        .withName("release")
                        .withNamespace("net")
                        .withKubeVersion("1.31.0")
                        .withValuesFile(Files.writeString(file, values))
                        .call();
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path withoutHooks() {
        // Another test JVM makes its own.
        Path copy = Path.of("target", "chart-" + ProcessHandle.current().pid()).toAbsolutePath();
        try (Stream<Path> files = Files.walk(FOLDER)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = copy.resolve(FOLDER.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.writeString(to, Files.readString(file).replaceAll("(?m)^ +helm\\.sh/hook.*\n", ""));
            }
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By kind and name; of KEDA's kinds, which have no model, as well. */
    static Map<String, JsonNode> objects(String values) {
        Map<String, JsonNode> objects = new LinkedHashMap<>();
        for (Object document : documents(render(values))) {
            JsonNode object = JSON.valueToTree(document);
            String name = object.at("/kind").asString() + "/"
                    + object.at("/metadata/name").asString();
            if (objects.put(name, object) != null) {
                throw new IllegalStateException("twice: " + name);
            }
        }
        return objects;
    }

    /** As Kubernetes' own models read it; empty for a kind that they do not know. */
    static List<HasMetadata> models(String rendered) {
        List<HasMetadata> models = new ArrayList<>();
        for (Object document : documents(rendered)) {
            String kind = JSON.valueToTree(document).at("/apiVersion").asString();
            if (!kind.startsWith("keda.sh/")) {
                models.add(MODELS.unmarshal(yaml(document)));
            }
        }
        return models;
    }

    /** A YAML document as maps and lists. */
    static Map<?, ?> load(Path file) {
        try {
            return (Map<?, ?>) documents(Files.readString(file)).get(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String yaml(Object document) {
        return new Dump(DumpSettings.builder().build()).dumpToString(document);
    }

    private static List<Object> documents(String yaml) {
        List<Object> documents = new ArrayList<>();
        for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(yaml)) {
            if (document != null) {
                documents.add(document);
            }
        }
        return documents;
    }
}
