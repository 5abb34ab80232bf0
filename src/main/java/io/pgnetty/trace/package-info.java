/** Traces of requests, by OpenTelemetry through Micrometer. */
@NullMarked
package io.pgnetty.trace;

import org.jspecify.annotations.NullMarked;
