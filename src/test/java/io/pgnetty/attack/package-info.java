/** Attempts at the database by roles that mean no good: what is added later is attacked as well. */
package io.pgnetty.attack;
