/** Probes and metrics over HTTP. */
@NullMarked
package io.pgnetty.admin;

import org.jspecify.annotations.NullMarked;
