package io.pgnetty.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What is rendered is what a cluster's API knows, and what it admits under the restricted Pod Security Standard. */
@Tag("quick")
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class ChartObjectsTest {

    static Stream<Path> variants() throws IOException {
        return Files.list(Chart.FOLDER.resolve("ci")).sorted();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void everyFieldIsOneOfKubernetes(Path variant) throws IOException {
        String rendered = Chart.render(Files.readString(variant));
        assertStrict(rendered);
        assertThat(Chart.models(rendered)).extracting(HasMetadata::getKind).contains("Deployment", "Service", "Pod");
    }

    /** Whatever one value is: it has an effect, and what is rendered is still strict; or it is refused with a sentence. */
    @Test
    void everyValueThatIsChangedChangesSomethingAndIsStrict() throws IOException {
        List<Map<?, ?>> bases = new ArrayList<>();
        try (Stream<Path> variants = variants()) {
            variants.forEach(variant -> bases.add(Chart.load(variant)));
        }
        List<String> without = new ArrayList<>();
        for (ValueFlips.Flip flip : ValueFlips.of(Chart.load(Chart.FOLDER.resolve("values.yaml")))) {
            // Asks a cluster.
            if (!flip.path().equals("rollOnSecretChange") && bases.stream().noneMatch(base -> hasEffect(base, flip))) {
                without.add(flip.path());
            }
        }
        assertThat(without).as("values without effect").isEmpty();
    }

    private static boolean hasEffect(Map<?, ?> base, ValueFlips.Flip flip) {
        String before = Chart.render(Chart.yaml(base));
        String after;
        try {
            after = Chart.render(Chart.yaml(flip.on(base)));
        } catch (IllegalStateException refused) {
            assertThat(refused.getMessage())
                    .as(flip.path())
                    .doesNotContain("nil pointer")
                    .doesNotContain("error calling")
                    .doesNotContain("wrong type");
            return true;
        }
        if (after.equals(before)) {
            return false;
        }
        assertStrict(after);
        return true;
    }

    @ParameterizedTest
    @MethodSource("variants")
    void podsAreRestricted(Path variant) throws IOException {
        List<JsonNode> specs = new ArrayList<>();
        for (JsonNode object : Chart.objects(Files.readString(variant)).values()) {
            switch (object.at("/kind").asString()) {
                case "Deployment", "Job" -> specs.add(object.at("/spec/template/spec"));
                case "Pod" -> specs.add(object.at("/spec"));
                default -> {}
            }
        }
        assertThat(specs).hasSizeBetween(2, 3).allSatisfy(ChartObjectsTest::assertRestricted);
    }

    private static void assertRestricted(JsonNode pod) {
        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.at("/securityContext/runAsUser").asInt()).isNotZero();
        assertThat(pod.at("/securityContext/seccompProfile/type").asString()).isEqualTo("RuntimeDefault");
        assertThat(pod.at("/automountServiceAccountToken").asBoolean(true)).isFalse();
        for (String host : List.of("hostNetwork", "hostPID", "hostIPC")) {
            assertThat(pod.has(host)).isFalse();
        }
        for (JsonNode volume : pod.at("/volumes")) {
            assertThat(volume.propertyNames()).containsAnyOf("emptyDir", "secret", "configMap");
        }
        for (JsonNode container : pod.at("/containers")) {
            JsonNode security = container.at("/securityContext");
            assertThat(security.at("/allowPrivilegeEscalation").asBoolean(true)).isFalse();
            assertThat(security.at("/readOnlyRootFilesystem").asBoolean()).isTrue();
            assertThat(security.at("/capabilities/drop/0").asString()).isEqualTo("ALL");
            assertThat(security.at("/capabilities").has("add")).isFalse();
        }
    }

    /** The order of what is there is the old one's, before the new one's, and the drain fits in. */
    @Test
    void aRollingUpdateHasNoGap() throws IOException {
        Deployment deployment =
                Chart.models(Chart.render(Files.readString(Chart.FOLDER.resolve("ci/minimal-values.yaml")))).stream()
                        .filter(Deployment.class::isInstance)
                        .map(Deployment.class::cast)
                        .findFirst()
                        .orElseThrow();
        assertThat(deployment.getSpec().getReplicas()).isEqualTo(2);
        assertThat(deployment
                        .getSpec()
                        .getStrategy()
                        .getRollingUpdate()
                        .getMaxUnavailable()
                        .getIntVal())
                .isZero();
        PodSpec pod = deployment.getSpec().getTemplate().getSpec();
        assertThat(pod.getTerminationGracePeriodSeconds()).isEqualTo(45);
        assertThat(pod.getAffinity().getPodAntiAffinity()).isNotNull();
        assertThat(pod.getTopologySpreadConstraints()).isNotEmpty();
    }

    private static void assertStrict(String rendered) {
        for (HasMetadata model : Chart.models(rendered)) {
            assertThat(UnknownFields.of(model))
                    .as(model.getKind() + "/" + model.getMetadata().getName())
                    .isEmpty();
        }
    }
}
