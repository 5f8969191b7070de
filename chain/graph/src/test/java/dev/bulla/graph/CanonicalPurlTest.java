package dev.bulla.graph;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalPurlTest {
  @ParameterizedTest
  @CsvSource({
    "pkg:maven/g/a@1?type=jar, pkg:maven/g/a@1",
    "pkg:maven/g/a@1?classifier=sources&type=jar, pkg:maven/g/a@1?classifier=sources",
    "pkg:pypi/Django_Rest@1, pkg:pypi/django-rest@1",
    "pkg:PyPI/a@1, pkg:pypi/a@1",
    "pkg:deb/Debian/OpenSSL@1?distro=debian-12&arch=amd64&upstream=x,"
        + " pkg:deb/debian/openssl@1?arch=amd64&distro=debian-12",
    "pkg:npm/%40scope/name@1, pkg:npm/%40scope/name@1",
    "pkg:npm/@scope/name@1, pkg:npm/%40scope/name@1",
    "pkg:golang/GitHub.com/A/B@v1#sub, pkg:golang/github.com/a/b@v1",
    "pkg:maven/G/A@1.0-SNAPSHOT, pkg:maven/G/A@1.0-SNAPSHOT",
    "pkg:rpm/fedora/Curl@1?epoch=1, pkg:rpm/fedora/Curl@1?epoch=1",
  })
  void oneSpellingForAll(String given, String canonical) {
    assertThat(CanonicalPurl.of(given)).contains(canonical);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "pkg:", "pkg:maven", "http://a/b", "pkg:maven/g/a@%", "log4j 2.14.1"})
  void whatIsNoPurlHasNoCanonicalForm(String given) {
    assertThat(CanonicalPurl.of(given)).isEmpty();
  }

  @Test
  void whatMakesItAnotherThingStays() {
    assertThat(CanonicalPurl.of("pkg:deb/debian/a@1?arch=amd64"))
        .isNotEqualTo(CanonicalPurl.of("pkg:deb/debian/a@1?arch=arm64"));
  }
}
