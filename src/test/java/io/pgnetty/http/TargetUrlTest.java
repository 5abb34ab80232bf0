package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

@Tag("quick")
class TargetUrlTest {

    @Example
    void takesUrlsApart() {
        assertThat(TargetUrl.parse("HTTP://My_Host:8080?a=b#c"))
                .isEqualTo(new TargetUrl("http", "my_host", 8080, "/?a=b"));
        assertThat(TargetUrl.parse("https://[::1]/x").authority()).isEqualTo("[::1]");
        assertThat(TargetUrl.parse("https://h:443/").authority()).isEqualTo("h");
        assertThat(TargetUrl.parse("http://h:443/").authority()).isEqualTo("h:443");
        assertThat(TargetUrl.parse("http://b\u00fccher.example/\u00fc?\u4e2d").url())
                .isEqualTo("http://xn--bcher-kva.example/%C3%BC?%E4%B8%AD");
        assertThat(TargetUrl.parse("http://h/%zz{}|").pathAndQuery()).isEqualTo("/%zz%7B%7D%7C");
    }

    @Example
    void refusesWhatCouldBeReadInTwoWays() {
        for (String url : new String[] {
            "ftp://h/",
            "http:/h",
            "http://",
            "http://u@h/",
            "http://h\\@evil/",
            "http://h:0/",
            "http://h:70000/",
            "//h/"
        }) {
            assertThatThrownBy(() -> TargetUrl.parse(url)).as(url).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Example
    void resolvesLocations() {
        TargetUrl base = TargetUrl.parse("http://h:81/a/b?c");
        assertThat(base.resolve("d").url()).isEqualTo("http://h:81/a/d");
        assertThat(base.resolve("/d?e").url()).isEqualTo("http://h:81/d?e");
        assertThat(base.resolve("?e").url()).isEqualTo("http://h:81/a/b?e");
        assertThat(base.resolve("").url()).isEqualTo("http://h:81/a/b?c");
        assertThat(base.resolve("../../x/./y/..?z=../1").url()).isEqualTo("http://h:81/x/?z=../1");
        assertThat(base.resolve("/%zz[").url()).isEqualTo("http://h:81/%zz[");
        assertThat(base.resolve("//other/x").url()).isEqualTo("http://other/x");
        assertThat(base.resolve("https://other/ x").url()).isEqualTo("https://other/%20x");
        assertThatThrownBy(() -> base.resolve("file:///etc/passwd")).isInstanceOf(IllegalArgumentException.class);
        assertThat(base.resolve("http://u:p@other/@x").url()).isEqualTo("http://other/@x");
        assertThat(base.resolve("//u@b@other:82").url()).isEqualTo("http://other:82/");
        assertThatThrownBy(() -> base.resolve("http://h\\@evil/")).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void whateverItReadsItWritesAsAUri(@ForAll String path) {
        TargetUrl target = TargetUrl.parse("http://h/" + path.replace("\n", "").replace("%", ""));
        String url = target.url().replace("[", "").replace("]", "");
        assertThat(URI.create(url).getHost()).isEqualTo("h");
        assertThat(url.chars()).allMatch(c -> c > 32 && c < 127);
    }
}
