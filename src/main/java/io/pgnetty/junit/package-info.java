/**
 * {@code pgnetty-testing}, a jar of its own: a JUnit extension for the tests of applications, with a database, a bridge in the
 * test's JVM and an HTTP server that records. Public: {@link io.pgnetty.junit.PgnettyExtension} and what it hands out.
 * Needs JUnit 5.10 or newer, which the application brings.
 */
@NullMarked
package io.pgnetty.junit;

import org.jspecify.annotations.NullMarked;
