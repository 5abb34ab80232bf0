package io.pgnetty.demo;

import io.pgnetty.cli.Version;
import java.io.PrintWriter;

/**
 * What the demo says when everything runs.
 *
 * @param database the database's URL
 * @param target the port of the HTTP server to send to
 * @param page the page's URL, with its token
 */
record Welcome(String database, int target, String page) {

    void print(PrintWriter out, boolean prompt) {
        out.print(Resources.text("/demo/welcome.txt")
                .replace("{version}", Version.current())
                .replace("{page}", page)
                .replace("{database}", database)
                .replace("{target}", "http://127.0.0.1:" + target)
                .replace("{localhost}", "http://localhost:" + target));
        out.println(
                prompt
                        ? "\\? shows what else there is to type. \\q, or Ctrl-C twice, ends the demo."
                        : "Ctrl-C or SIGTERM ends the demo.");
        out.println();
        out.flush();
    }
}
