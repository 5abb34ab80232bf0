package io.pgnetty.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import io.pgnetty.config.ConfigReader;
import io.pgnetty.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The chart, by the real Helm engine. */
@Tag("quick")
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class ChartTest {

    private static final Path CHART = Path.of("helm");
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    Path folder;

    @Test
    void lintIsClean() throws IOException {
        var lint = new Helm(CHART).lint().strict().call();
        assertThat(lint.isFailed()).as(String.join("\n", lint.getMessages())).isFalse();
        assertThat(lint.getMessages())
                .noneMatch(message -> message.startsWith("[WARNING]") || message.startsWith("[ERROR]"));
    }

    @Test
    void minimalChartRunsOneHardenedBridge() throws IOException {
        Map<String, JsonNode> objects = render(Files.readString(CHART.resolve("ci/minimal-values.yaml")));

        assertThat(objects.keySet()).containsExactlyInAnyOrder("Deployment", "Service", "ServiceAccount");
        JsonNode pod = objects.get("Deployment").at("/spec/template/spec");
        assertThat(pod.at("/terminationGracePeriodSeconds").asInt()).isEqualTo(45);
        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.at("/automountServiceAccountToken").asBoolean(true)).isFalse();
        JsonNode container = pod.at("/containers/0");
        assertThat(container.at("/image").asString()).isEqualTo("pgnetty:0.1.0");
        assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean())
                .isTrue();
        assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true))
                .isFalse();
        assertThat(container.at("/readinessProbe/httpGet/path").asString()).isEqualTo("/readyz");
        assertThat(container.at("/livenessProbe/httpGet/path").asString()).isEqualTo("/livez");
        assertThat(container.at("/env/0/valueFrom/secretKeyRef/name").asString())
                .isEqualTo("database");
        assertThat(objects.get("Service").at("/spec/ports/0/port").asInt()).isEqualTo(9465);
    }

    @Test
    void whatItRendersIsAConfigurationThatTheBridgeAccepts() throws IOException {
        Map<String, JsonNode> objects = render(Files.readString(CHART.resolve("ci/full-values.yaml")));
        JsonNode container = objects.get("Deployment").at("/spec/template/spec/containers/0");
        Map<String, String> env = new HashMap<>();
        for (JsonNode variable : container.at("/env")) {
            env.put(
                    variable.at("/name").asString(),
                    variable.has("value") ? variable.at("/value").asString() : "postgresql://u:p@h/db");
        }

        var config = new ConfigReader(Map.of(), env).read(false);
        assertThat(config.delivery().concurrency()).isEqualTo(64);
        assertThat(config.delivery().maxResponseBytes()).isEqualTo(1 << 20);
        assertThat(config.delivery().drainTimeout()).hasSeconds(60);
        assertThat(config.egress().allow()).hasSize(2);
        assertThat(String.valueOf(config.admin().probes())).isEqualTo("0.0.0.0:8080");
        assertThat(objects).doesNotContainKey("ServiceAccount");
        assertThat(container.at("/ports/0/containerPort").asInt()).isEqualTo(8080);
    }

    @Test
    void everyOptionHasItsValue() throws IOException {
        JsonNode schema = JSON.readTree(Files.readString(CHART.resolve("values.schema.json")));
        // These have values of their own.
        List<Setting> elsewhere = List.of(
                Setting.URL,
                Setting.URL_FILE,
                Setting.LISTEN_URL,
                Setting.ADMIN,
                Setting.PROBES,
                Setting.DRAIN_TIMEOUT);
        assertThat(schema.at("/properties/config/properties").propertyNames())
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Setting.values())
                        .filter(setting -> !elsewhere.contains(setting))
                        .map(Setting::key)
                        .collect(Collectors.toList()));
    }

    @Test
    void wrongValuesAreNamed() {
        assertThatThrownBy(() -> render("{}")).hasMessageContaining("database.existingSecret is required");
        assertThatThrownBy(
                        () -> render("{database: {existingSecret: x}, replicas: 2, config: {lease: soon, leese: 1s}}"))
                .hasMessageContaining("'replicas' not allowed")
                .hasMessageContaining("/config/lease")
                .hasMessageContaining("'leese' not allowed");
    }

    private Map<String, JsonNode> render(String values) throws IOException {
        TemplateCommand template = new Helm(CHART)
                .template()
                .withName("release")
                .withNamespace("net")
                .withKubeVersion("1.31.0")
                .withValuesFile(Files.writeString(folder.resolve("values.yaml"), values));
        Map<String, JsonNode> objects = new HashMap<>();
        for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(template.call())) {
            JsonNode object = JSON.valueToTree(document);
            objects.put(object.at("/kind").asString(), object);
        }
        return objects;
    }
}
