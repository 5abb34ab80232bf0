/** The edge to PostgreSQL: queue, bell, schema. Holds no SQL: that is in {@code sql/}. */
@NullMarked
package io.pgnetty.postgres;

import org.jspecify.annotations.NullMarked;
