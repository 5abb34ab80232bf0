package io.pgnetty.helm;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Kubernetes' models keep aside what they do not know, instead of refusing it: finds that. */
final class UnknownFields {

    private UnknownFields() {}

    /** Their paths in an object that was parsed. */
    static List<String> of(Object model) {
        List<String> unknown = new ArrayList<>();
        walk(model, "", unknown);
        return unknown;
    }

    private static void walk(Object value, String path, List<String> unknown) {
        if (value instanceof Collection<?> list) {
            int number = 0;
            for (Object item : list) {
                walk(item, path + "/" + number++, unknown);
            }
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, item) -> walk(item, path + "/" + key, unknown));
        } else if (value != null
                && value.getClass().getName().startsWith("io.fabric8.")
                && !value.getClass().isEnum()) {
            walkFields(value, path, unknown);
        }
    }

    private static void walkFields(Object value, String path, List<String> unknown) {
        for (Method getter : value.getClass().getMethods()) {
            if (getter.getParameterCount() > 0
                    || !getter.getName().startsWith("get")
                    || getter.getDeclaringClass() == Object.class) {
                continue;
            }
            Object field = call(getter, value);
            if (!getter.getName().equals("getAdditionalProperties")) {
                walk(field, path + "/" + getter.getName().substring(3), unknown);
            } else if (field instanceof Map<?, ?> more) {
                more.keySet().forEach(key -> unknown.add(path + "/" + key));
            }
        }
    }

    private static Object call(Method getter, Object value) {
        try {
            return getter.invoke(value);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(getter.toString(), e);
        }
    }
}
