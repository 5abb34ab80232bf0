/** The edge to PostgreSQL: queue, notifications, schema. Holds no SQL: that is in {@code sql/}. */
@NullMarked
package io.pgnetty.postgres;

import org.jspecify.annotations.NullMarked;
