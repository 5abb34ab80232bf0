package io.pgnetty.config;

import java.util.List;

/**
 * A parameter of libpq's that this program does not do as libpq does. Some values ask for nothing; the others are refused.
 *
 * @param name as in the URL
 * @param harmless a regular expression of the values that ask for nothing that would be missed
 * @param instead what to do
 */
record UnsupportedParameter(String name, String harmless, String instead) {

    private static final String ANY = ".*";
    private static final String NONE = "";
    private static final String NO_GSS = "pgnetty does not speak GSSAPI: log in with a password or a certificate";
    private static final String JVM_TLS = "the JVM decides: java -Djdk.tls.client.protocols=TLSv1.3";
    private static final String NO_SERVICE = "pgnetty reads no service files: write what the service says into the URL";

    /** All of them: PostgreSQL 18's documentation, section 34.1.2. */
    static final List<UnsupportedParameter> ALL = List.of(
            new UnsupportedParameter("hostaddr", NONE, "give the address as the host"),
            new UnsupportedParameter("client_encoding", ANY, "connections are in UTF-8"),
            new UnsupportedParameter("replication", "false|off|no|0", "pgnetty is no subscriber: leave it out"),
            new UnsupportedParameter("gssencmode", "disable|prefer", NO_GSS + ", with gssencmode=disable"),
            new UnsupportedParameter("krbsrvname", ANY, NO_GSS),
            new UnsupportedParameter("gsslib", ANY, NO_GSS),
            new UnsupportedParameter("gssdelegation", "0", NO_GSS),
            new UnsupportedParameter(
                    "require_auth",
                    NONE,
                    "leave it out; channel_binding=require is what asks for a server that knows the password"),
            new UnsupportedParameter("requirepeer", NONE, "leave it out"),
            new UnsupportedParameter("sslcompression", "0|1", "leave it out"),
            new UnsupportedParameter("sslcrl", NONE, "pgnetty reads no lists of revoked certificates"),
            new UnsupportedParameter("sslcrldir", NONE, "pgnetty reads no lists of revoked certificates"),
            new UnsupportedParameter("sslcertmode", "allow", "leave it out"),
            new UnsupportedParameter("sslkeylogfile", NONE, "leave it out"),
            new UnsupportedParameter("ssl_min_protocol_version", "TLSv1|TLSv1\\.1|TLSv1\\.2", JVM_TLS),
            new UnsupportedParameter("ssl_max_protocol_version", "TLSv1\\.3", JVM_TLS),
            new UnsupportedParameter("min_protocol_version", "3\\.0", "pgnetty speaks version 3.0"),
            new UnsupportedParameter("max_protocol_version", ANY, "pgnetty speaks version 3.0"),
            new UnsupportedParameter("load_balance_hosts", "disable|random", "leave it out"),
            new UnsupportedParameter("service", NONE, NO_SERVICE),
            new UnsupportedParameter("servicefile", ANY, NO_SERVICE),
            new UnsupportedParameter("fallback_application_name", ANY, "say application_name"),
            new UnsupportedParameter("scram_client_key", NONE, "give the password"),
            new UnsupportedParameter("scram_server_key", NONE, "give the password"),
            new UnsupportedParameter("oauth_issuer", NONE, "pgnetty does not log in by OAuth"),
            new UnsupportedParameter("oauth_client_id", NONE, "pgnetty does not log in by OAuth"),
            new UnsupportedParameter("oauth_client_secret", NONE, "pgnetty does not log in by OAuth"),
            new UnsupportedParameter("oauth_scope", NONE, "pgnetty does not log in by OAuth"));

    /** Whether nothing would be missed without it. */
    boolean isHarmless(String value) {
        return value.isEmpty() || value.matches(harmless);
    }
}
