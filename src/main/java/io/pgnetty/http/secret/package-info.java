/** Secrets that requests name: where they are read, where they stand in a text, and what they sign. */
@NullMarked
package io.pgnetty.http.secret;

import org.jspecify.annotations.NullMarked;
