package dev.bulla.core;

import static dev.bulla.core.Failing.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names as docker and containerd normalise them (distribution/reference). */
class ReferenceTest {
  private static final String HEX = "0123456789abcdef".repeat(4);

  @ParameterizedTest
  @CsvSource({
    "nginx, docker.io/library/nginx:latest",
    "nginx:1.27, docker.io/library/nginx:1.27",
    "bitnami/redis, docker.io/bitnami/redis:latest",
    "docker.io/nginx, docker.io/library/nginx:latest",
    "docker.io/library/nginx, docker.io/library/nginx:latest",
    "index.docker.io/nginx, docker.io/library/nginx:latest",
    "index.docker.io/bitnami/redis:7, docker.io/bitnami/redis:7",
    "ghcr.io/a/b/c, ghcr.io/a/b/c:latest",
    "ghcr.io/nginx, ghcr.io/nginx:latest",
    "localhost/foo, localhost/foo:latest",
    "localhost:5000/foo, localhost:5000/foo:latest",
    "local/foo, docker.io/local/foo:latest",
    "test:5000/repo, test:5000/repo:latest",
    "test:5000/repo:tag, test:5000/repo:tag",
    "127.0.0.1:5000/a/b:t, 127.0.0.1:5000/a/b:t",
    "[::1]:5000/repo:t, [::1]:5000/repo:t",
    "[2001:db8::1]/repo, [2001:db8::1]/repo:latest",
    "Uppercase/lowercase:Tag, Uppercase/lowercase:Tag",
    "lowercase:Uppercase, docker.io/library/lowercase:Uppercase",
    "foo_bar.com:8080, docker.io/library/foo_bar.com:8080",
    "foo/foo_bar.com:8080, docker.io/foo/foo_bar.com:8080",
    "xn--n3h.com/my--image:x, xn--n3h.com/my--image:x",
    "a.b/c__d/e-f.g_h:1, a.b/c__d/e-f.g_h:1",
    "reg.example/blobs/uploads/manifests/x, reg.example/blobs/uploads/manifests/x:latest",
  })
  void isNormalisedAsDockerDoes(String written, String meant) {
    Reference reference = Reference.parse(written);
    assertThat(reference).hasToString(meant);
    assertThat(Reference.parse(reference.toString())).isEqualTo(reference);
  }

  @Test
  void aDigestDecidesAndATagBesideItIsKept() {
    Reference both = Reference.parse("reg.example/a:1.0@sha256:" + HEX);
    assertThat(both.tag()).contains("1.0");
    assertThat(both.selector()).isEqualTo("sha256:" + HEX);
    Reference digestOnly = Reference.parse("a@sha256:" + HEX);
    assertThat(digestOnly).hasToString("docker.io/library/a@sha256:" + HEX);
    assertThat(digestOnly.tag()).isEmpty();
    assertThat(Reference.parseName("a").tag()).isEmpty();
    assertThat(Reference.parseName("a").selector()).isEqualTo("latest");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":tag",
        "/a",
        "a/",
        "a//b",
        "a:",
        "a:b:c",
        "UPPER",
        "docker.io/UPPER",
        "a/B",
        "-a/b",
        "a-/b",
        "a..b",
        "a___b",
        "a._b",
        "a b",
        "a\nb",
        "a@",
        "a@sha256:abc",
        "a@md5:abc",
        "reg.example/",
        "reg.example:port/a",
        "reg.example:123456/a",
        "-reg.example/a",
        "..",
        "../a",
        "a/../b",
        "http://reg.example/a",
        "[fe80::1%eth0]/a",
        "reg.example/a:-tag",
        "reg.example/a:.tag",
        "ä/b",
        "reg.example/a?x=1",
        "reg.example/a#b",
        "user@reg.example/a"
      })
  void whatIsNoReferenceIsRefused(String text) {
    assertFails(ErrorCode.REFERENCE_INVALID, () -> Reference.parse(text));
  }

  @Test
  void lengthsAreBounded() {
    String path = "a/".repeat(127) + "a";
    assertThat(Reference.parse("reg.example/" + path).repository()).hasSize(255);
    assertFails(ErrorCode.REFERENCE_INVALID, () -> Reference.parse("reg.example/a" + path));
    assertThat(Reference.parse("a:" + "t".repeat(128)).tag()).isPresent();
    assertFails(ErrorCode.REFERENCE_INVALID, () -> Reference.parse("a:" + "t".repeat(129)));
  }

  @Test
  void aBareImageIdIsNoName() {
    assertFails(ErrorCode.REFERENCE_INVALID, () -> Reference.parse(HEX));
    assertThat(Reference.parse("a/" + HEX).repository()).isEqualTo("a/" + HEX);
  }

  @ParameterizedTest
  @CsvSource({
    "localhost/a, true",
    "localhost:5000/a, true",
    "LOCALHOST:1/a, true",
    "127.0.0.1/a, true",
    "127.8.9.1:80/a, true",
    "[::1]/a, true",
    "[::1]:5/a, true",
    "127.0.0.1.example/a, false",
    "localhost.example/a, false",
    "[::2]/a, false",
    "128.0.0.1/a, false",
    "nginx, false",
    "10.0.0.1:5000/a, false",
  })
  void knowsWhatIsThisMachine(String text, boolean loopback) {
    assertThat(Reference.parse(text).isLoopback()).isEqualTo(loopback);
  }

  @Test
  void saysWhatIsWrongAndHowItShouldBe() {
    assertThatThrownBy(() -> Reference.parse("localhost:5000/Hello"))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.reason()).contains("'Hello'").contains("lower-case");
              assertThat(e.nextStep()).contains("localhost:7080/hello:1.0");
            });
  }

  @Test
  void repositoryPathsAndTagsCanBeTestedAlone() {
    assertThat(Reference.isRepository("a/b-c/d")).isTrue();
    assertThat(Reference.isRepository("a/B")).isFalse();
    assertThat(Reference.isRepository("")).isFalse();
    assertThat(Reference.isRepository("a/" + "b".repeat(254))).isFalse();
    assertThat(Reference.isTag("_x.Y-1")).isTrue();
    assertThat(Reference.isTag("")).isFalse();
    assertThat(Reference.isTag("a/b")).isFalse();
  }
}
