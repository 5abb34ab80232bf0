/** Measures an installation: the same machine with and without the database, with and without HTTP. */
@NullMarked
package io.pgnetty.bench;

import org.jspecify.annotations.NullMarked;
