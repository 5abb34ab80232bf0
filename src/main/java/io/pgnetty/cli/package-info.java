/** The command line: one class a command. */
@NullMarked
package io.pgnetty.cli;

import org.jspecify.annotations.NullMarked;
