/** The program: its entry point and nothing else. */
@NullMarked
package io.pgnetty;

import org.jspecify.annotations.NullMarked;
