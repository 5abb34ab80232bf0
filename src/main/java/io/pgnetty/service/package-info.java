/** Wires the parts by hand and closes them in reverse order. */
@NullMarked
package io.pgnetty.service;

import org.jspecify.annotations.NullMarked;
