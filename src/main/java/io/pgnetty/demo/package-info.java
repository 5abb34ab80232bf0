/** The whole product on one machine, with an embedded PostgreSQL. Not in the production jar. */
@NullMarked
package io.pgnetty.demo;

import org.jspecify.annotations.NullMarked;
