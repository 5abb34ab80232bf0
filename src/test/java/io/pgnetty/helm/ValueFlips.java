package io.pgnetty.helm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Each value of the chart, changed to another one that its schema allows. */
final class ValueFlips {

    /** For what is empty, or bound to a form. */
    private static final Map<String, String> OTHER = Map.ofEntries(
            Map.entry("image.digest", "sha256:" + "ab".repeat(32)),
            Map.entry("image.pullPolicy", "Always"),
            Map.entry("imagePullSecrets", "[{name: other}]"),
            Map.entry("database.url", "postgresql://other@db/net"),
            Map.entry("database.sslmode", "verify-ca"),
            Map.entry("config", "{lease: 45s}"),
            Map.entry("install.grant", "[other]"),
            Map.entry("targetTls.hosts", "{other.example.com: other}"),
            Map.entry("admin.hosts", "[other.example.com]"),
            Map.entry(
                    "autoscaling.metrics",
                    "[{type: External, external: {metric: {name: x}, target: {type: Value, value: '1'}}}]"),
            Map.entry("networkPolicy.databasePeers", "[{ipBlock: {cidr: 10.9.0.0/16}}]"),
            Map.entry("networkPolicy.ingressFrom", "[{podSelector: {}}]"),
            Map.entry("networkPolicy.extraEgress", "[{to: [{ipBlock: {cidr: 10.9.0.0/16}}]}]"),
            Map.entry("metrics.labels", "{other: x}"),
            Map.entry("metrics.interval", "45s"),
            Map.entry("service.annotations", "{other: x}"),
            Map.entry("serviceAccount.annotations", "{other: x}"),
            Map.entry("resources.requests.cpu", "250m"),
            Map.entry("resources.requests.memory", "300Mi"),
            Map.entry("resources.limits.memory", "600Mi"),
            Map.entry("install.url", "postgresql://owner@db/net"),
            Map.entry("install.podAnnotations", "{other: x}"),
            Map.entry("networkPolicy.databasePorts", "[6432]"),
            Map.entry("extraArgs", "[--verbose]"),
            Map.entry("securityContext.capabilities.drop", "[NET_RAW]"),
            Map.entry("podSecurityContext.seccompProfile.type", "Unconfined"),
            Map.entry("extraEnv", "[{name: OTHER, value: x}]"),
            Map.entry("extraVolumes", "[{name: other, emptyDir: {}}]"),
            Map.entry("extraVolumeMounts", "[{name: tmp, mountPath: /other}]"),
            Map.entry("podAnnotations", "{other: x}"),
            Map.entry("podLabels", "{other: x}"),
            Map.entry("nodeSelector", "{other: x}"),
            Map.entry("tolerations", "[{key: other, operator: Exists}]"),
            Map.entry("affinity", "{nodeAffinity: {}}"),
            Map.entry(
                    "topologySpreadConstraints",
                    "[{maxSkew: 2, topologyKey: other, whenUnsatisfiable: DoNotSchedule}]"));

    private ValueFlips() {}

    /** One value, by its path with dots, and what it is changed to. */
    record Flip(String path, Object to) {

        /** Those values with this one changed. */
        Map<?, ?> on(Map<?, ?> values) {
            return with(values, List.of(path.split("\\.", -1)), to);
        }
    }

    /** One for each leaf of these defaults. */
    static List<Flip> of(Map<?, ?> defaults) {
        List<Flip> flips = new ArrayList<>();
        walk(defaults, "", flips);
        return flips;
    }

    private static void walk(Map<?, ?> values, String prefix, List<Flip> flips) {
        values.forEach((key, value) -> {
            String path = prefix + key;
            if (value instanceof Map<?, ?> map && !map.isEmpty() && !OTHER.containsKey(path)) {
                walk(map, path + ".", flips);
            } else {
                flips.add(new Flip(path, changed(path, value)));
            }
        });
    }

    private static Object changed(String path, Object value) {
        if (OTHER.containsKey(path)) {
            return new Load(LoadSettings.builder().build()).loadFromString(OTHER.get(path));
        }
        if (value instanceof Boolean flag) {
            return !flag;
        }
        return value instanceof Integer number ? number + 1 : "other";
    }

    private static Map<?, ?> with(Map<?, ?> values, List<String> path, Object to) {
        Map<Object, Object> copy = new LinkedHashMap<>(values);
        Object below = copy.get(path.get(0));
        copy.put(
                path.get(0),
                path.size() == 1
                        ? to
                        : with(below instanceof Map<?, ?> map ? map : Map.of(), path.subList(1, path.size()), to));
        return copy;
    }
}
