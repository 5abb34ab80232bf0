/** The edge to the targets: one request in, an outcome out, egress rules where connections are made. */
@NullMarked
package io.pgnetty.http;

import org.jspecify.annotations.NullMarked;
