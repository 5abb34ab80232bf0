package io.pgnetty.attack;

import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;

/**
 * A database with a victim and an attacker who both may call, and a stranger who may not. What the suites of this room try is
 * taken from the catalog, so that what is added later is attacked as well.
 */
final class Attackers {

    static final String VICTIM = "attack_victim";
    static final String ATTACKER = "attack_eve";
    static final String STRANGER = "attack_stranger";

    private Attackers() {}

    /** Owned by the superuser {@code postgres}, as most databases of people are. */
    static TestDatabase database() {
        TestDatabase database = TestPostgres.shared().empty();
        for (String role : new String[] {VICTIM, ATTACKER, STRANGER}) {
            database.run("do $$ begin create role " + role + " login password '" + role + "';"
                    + " exception when duplicate_object then null; end $$");
        }
        database.run("grant create on schema public to " + ATTACKER + ", " + STRANGER);
        return TestPostgres.install(database, VICTIM, ATTACKER);
    }
}
