package io.pgnetty.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import io.pgnetty.config.Config;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the chart makes of its values. */
@Tag("quick")
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class ChartTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String SECRET = "{database: {existingSecret: x";

    @Test
    void lintIsClean() {
        var lint = new Helm(Chart.FOLDER).lint().strict().call();
        assertThat(lint.isFailed()).as(String.join("\n", lint.getMessages())).isFalse();
        assertThat(lint.getMessages())
                .noneMatch(message -> message.startsWith("[WARNING]") || message.startsWith("[ERROR]"));
    }

    /** The whole of what a cluster gets with one secret's name; target/helm-default.yaml is the new one where that is meant. */
    @Test
    void theDefaultIsAsItWas() throws IOException {
        String rendered = Chart.render(Files.readString(Chart.FOLDER.resolve("ci/minimal-values.yaml")));
        Files.writeString(Path.of("target/helm-default.yaml"), rendered);
        assertThat(rendered).isEqualTo(Files.readString(Path.of("src/test/resources/helm/default.yaml")));
    }

    @Test
    void whatItRendersIsAConfigurationThatTheBridgeAccepts() throws IOException {
        Map<String, JsonNode> objects = Chart.objects(Files.readString(Chart.FOLDER.resolve("ci/full-values.yaml")));
        JsonNode pod = objects.get("Deployment/release-pgnetty").at("/spec/template/spec");
        JsonNode container = pod.at("/containers/0");
        Map<String, String> env = new HashMap<>();
        objects.get("ConfigMap/release-pgnetty")
                .at("/data")
                .properties()
                .forEach(option -> env.put(option.getKey(), option.getValue().asString()));
        for (JsonNode variable : container.at("/env")) {
            env.put(
                    variable.at("/name").asString(),
                    variable.has("value")
                            ? variable.at("/value").asString()
                            : "postgresql://"
                                    + variable.at("/valueFrom/secretKeyRef/key").asString() + ":p@h/db");
        }
        // The files that the pod has, this machine has not.
        List.of("PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGNETTY_ADMIN_TLS_CERT", "PGNETTY_ADMIN_TLS_KEY")
                .forEach(env::remove);
        List.of("PGNETTY_TLS_CA", "PGNETTY_TLS_HOSTS", "PGNETTY_SECRETS_DIR").forEach(env::remove);
        env.put("PGSSLMODE", "require");
        env.put("PGNETTY_ADMIN_TOKEN_FILE", token());

        Config config = new ConfigReader(Map.of(), env).read(false);
        assertThat(config.callbackUrl().user()).isEqualTo("callback");
        assertThat(config.delivery().concurrency()).isEqualTo(64);
        assertThat(config.delivery().maxResponseBytes()).isEqualTo(1 << 20);
        assertThat(config.delivery().drainTimeout()).hasSeconds(60);
        assertThat(config.egress().allow()).hasSize(3);
        assertThat(String.valueOf(config.admin().probes())).isEqualTo("0.0.0.0:8080");
        assertThat(config.admin().hosts()).contains("release-pgnetty.net.svc", "pgnetty.example.com");
        assertThat(pod.at("/terminationGracePeriodSeconds").asInt()).isEqualTo(80);
    }

    private static String token() throws IOException {
        Path file = Files.createTempFile("token", "");
        file.toFile().deleteOnExit();
        return Files.writeString(file, "0123456789abcdef0123456789abcdef").toString();
    }

    /** Each file that a variable names is in a volume that is mounted there. */
    @Test
    void filesThatOptionsNameAreMounted() throws IOException {
        for (String variant : List.of("minimal", "full", "autoscaling")) {
            Map<String, JsonNode> objects =
                    Chart.objects(Files.readString(Chart.FOLDER.resolve("ci/" + variant + "-values.yaml")));
            JsonNode container = objects.get("Deployment/release-pgnetty").at("/spec/template/spec/containers/0");
            List<String> mounts = container
                    .at("/volumeMounts")
                    .valueStream()
                    .map(mount -> mount.at("/mountPath").asString())
                    .toList();
            String all = container.at("/env").toString()
                    + objects.get("ConfigMap/release-pgnetty").at("/data").toString();
            java.util.regex.Pattern.compile("/etc/pgnetty/[-a-z]+")
                    .matcher(all)
                    .results()
                    .forEach(path -> assertThat(mounts).anyMatch(mount -> mount.startsWith(path.group())));
        }
    }

    @Test
    void everyOptionHasItsValue() throws IOException {
        JsonNode schema = JSON.readTree(Files.readString(Chart.FOLDER.resolve("values.schema.json")));
        // These have values of their own.
        List<Setting> elsewhere = List.of(
                Setting.URL,
                Setting.URL_FILE,
                Setting.LISTEN_URL,
                Setting.CALLBACK_URL,
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
    void theSchemaIsInstalledBeforeTheBridges() throws IOException {
        assertThat(Files.readString(Chart.FOLDER.resolve("templates/install-job.yaml")))
                .contains("helm.sh/hook: pre-install,pre-upgrade\n")
                // A hook comes before all else of the release: its accounts and config maps are not there yet.
                .doesNotContain("serviceAccountName")
                .doesNotContain("configMapRef");
        assertThat(Files.readString(Chart.FOLDER.resolve("templates/tests/status.yaml")))
                .contains("helm.sh/hook: test\n");
    }

    @Test
    void wrongValuesAreNamed() {
        assertThatThrownBy(() -> Chart.render("{}")).hasMessageContaining("database.existingSecret is required");
        assertThatThrownBy(() -> Chart.render(SECRET + "}, replicas: 2, config: {lease: soon, leese: 1s}}"))
                .hasMessageContaining("'replicas' not allowed")
                .hasMessageContaining("/config/lease")
                .hasMessageContaining("'leese' not allowed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "database: {existingSecret: x, url: 'postgresql://u@h/d'}|needs database.passwordKey",
                "database: {existingSecret: x, passwordKey: p}|needs database.url",
                "database: {existingSecret: x, url: 'postgresql://h/d', passwordKey: p, keys: {host: h}}|two ways",
                "database: {existingSecret: x, ca: {existingSecret: a, existingConfigMap: b}}|exclude each other",
                "database: {existingSecret: x, sslmode: prefer, ca: {existingSecret: a}}|checks nothing",
                "image: {tag: '1', digest: 'sha256:0000000000000000000000000000000000000000000000000000000000000000'}|exclude",
                "autoscaling: {enabled: true}, keda: {enabled: true}|exclude each other",
                "autoscaling: {enabled: true, targetCPUUtilizationPercentage: 0}|needs autoscaling.target",
                "autoscaling: {enabled: true, minReplicas: 20}|minReplicas is above",
                "keda: {enabled: true}|needs keda.existingSecret",
                "metrics: {serviceMonitor: {enabled: true}, podMonitor: {enabled: true}}|each would scrape",
                "database: {existingSecret: x, url: 'postgresql://u:p@h/d', passwordKey: p}|no password",
                "database: {existingSecret: x, url: 'postgresql://u@h/d', passwordKey: p}, install: {existingSecret: o}|needs install.url",
                "database: {existingSecret: x, keys: {user: u}}|needs database.keys.host",
                "networkPolicy: {enabled: true}, config: {egress-deny: 0.0.0.0/0}|denies everything",
                "networkPolicy: {enabled: true}, config: {egress-proxy: 'http://proxy:3128'}|leads to the proxy",
                "keda: {enabled: true, existingSecret: x, minReplicas: 0}|minReplicas",
                "podLabels: {app.kubernetes.io/component: x}|invalid propertyName",
                "admin: {tlsSecret: x}|need admin.existingSecret",
                "admin: {port: 9465}|must differ",
                "secretsFrom: x, config: {secrets-dir: /x}|config.secrets-dir is set, and another value",
                "networkPolicy: {enabled: true}, config: {egress-allow: api.internal}|cannot name the host api.internal"
            })
    void whatContradictsItselfFailsWithASentence(String values, String sentence) {
        String whole = values.startsWith("database:") ? values : "database: {existingSecret: x}, " + values;
        assertThatThrownBy(() -> Chart.render("{" + whole + "}")).hasMessageContaining(sentence);
    }

    @Test
    void aNetworkPolicyAgreesWithTheEgressRules() throws IOException {
        JsonNode policy = Chart.objects(Files.readString(Chart.FOLDER.resolve("ci/full-values.yaml")))
                .get("NetworkPolicy/release-pgnetty");
        String egress = policy.at("/spec/egress").toString();
        assertThat(egress)
                .contains("\"10.0.0.0/8\"", "\"fd00:1::/64\"", "\"198.18.5.5/32\"", "\"10.20.0.0/16\"")
                .contains("{\"port\":8080}")
                .contains("\"except\":[\"0.0.0.0/8\"");
    }
}
