/** The command line: one class per command. */
@NullMarked
package io.pgnetty.cli;

import org.jspecify.annotations.NullMarked;
