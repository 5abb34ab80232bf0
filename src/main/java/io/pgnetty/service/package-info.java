/** Wires the rooms by hand and closes them in reverse. */
@NullMarked
package io.pgnetty.service;

import org.jspecify.annotations.NullMarked;
