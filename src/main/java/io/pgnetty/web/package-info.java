/** The page of the admin port, its API, and its live events. */
@NullMarked
package io.pgnetty.web;

import org.jspecify.annotations.NullMarked;
