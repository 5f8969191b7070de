package dev.bulla.advisory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackageQueryTest {
  private static final String LOG4J = "org.apache.logging.log4j:log4j-core";

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "pkg:maven/org.apache.logging.log4j/log4j-core maven org.apache.logging.log4j:log4j-core"
            + " 2.14.1 true",
        "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1 maven"
            + " org.apache.logging.log4j:log4j-core 2.14.1 true",
        "pkg:maven/org.apache.logging.log4j/log4j-core@2.14 maven"
            + " org.apache.logging.log4j:log4j-core 2.14.0 true",
        "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1 maven"
            + " org.apache.logging.log4j:log4j-api 2.14.1 false",
        "pkg:maven/g/a@>=2.0,<2.15 maven g:a 2.14.1 true",
        "pkg:maven/g/a@>=2.0,<2.15 maven g:a 2.15.0 false",
        "pkg:maven/g/a@>=2.0,<2.15 maven g:a 2.0-beta9 false",
        "pkg:maven/g/a@!=2.0 maven g:a 2.0.0 false",
        "pkg:maven/g/a@* maven g:a anything true",
        "pkg:maven/g/a@vers:maven/>=2.0|<2.15.0 maven g:a 2.14.1 true",
        "pkg:maven/g/a@vers:maven/>=2.0|<2.15.0 maven g:a 2.15.0 false",
        "pkg:maven/g/a?vers=vers:maven%2F%3E%3D2.0%7C%3C2.15 maven g:a 2.14.1 true",
        "vers:maven/>=2.0|<2.15.0 maven x:y 2.1 true",
        "vers:maven/>=2.0|<2.15.0 npm y 2.1.0 false",
        "pkg:npm/%40babel/parser@7.12.11 npm @babel/parser 7.12.11 true",
        "pkg:npm/@babel/parser@7.12.11 npm @babel/parser 7.12.11 true",
        "pkg:npm/@babel/parser npm @babel/parser 1.0.0 true",
        "pkg:pypi/Typing_Extensions@4.0 pypi typing-extensions 4.0.0 true",
        "pkg:golang/golang.org/x/text@v0.3.6 golang golang.org/x/text 0.3.6 true",
        "pkg:golang/github.com/Azure/go@<v2.0.0 golang github.com/azure/go v1.9.0 true",
        "pkg:deb/debian/openssl@<3.0.15-1~deb12u2?arch=amd64 deb openssl 3.0.15-1~deb12u1 true",
        "pkg:deb/debian/bash@5.2.15-2%2Bb13 deb bash 5.2.15-2+b13 true",
        "pkg:rpm/almalinux/nodejs@18.1-1?epoch=1 rpm nodejs 1:18.1-1 true",
        "pkg:cargo/time@<0.2 cargo time 0.1.43 true",
        "pkg:apk/alpine/busybox@<1.36.1-r29 apk busybox 1.36.1-r28 true",
        "pkg:golang/example.com/x@<2 golang example.com/x (devel) false",
        "pkg:golang/example.com/x golang example.com/x (devel) true",
      })
  void matches(String query, String type, String name, String version, boolean expected) {
    assertThat(PackageQuery.parse(query).matches(type, name, version)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "1.2.3 1.2.3 true",
        "1.2.3|2.0.0 2.0.0 true",
        "1.2.3|2.0.0 1.5.0 false",
        ">=1.0.0|<=1.5.0|>=2.0.0|<3.0.0 1.5.0 true",
        ">=1.0.0|<=1.5.0|>=2.0.0|<3.0.0 1.7.0 false",
        ">=1.0.0|<=1.5.0|>=2.0.0|<3.0.0 2.5.0 true",
        ">=1.0.0|<=1.5.0|>=2.0.0|<3.0.0 3.0.0 false",
        "<1.0.0|>2.0.0 0.5.0 true",
        "<1.0.0|>2.0.0 1.5.0 false",
        "<1.0.0|>2.0.0 2.5.0 true",
        ">=1.0.0|!=1.5.0|<2.0.0 1.5.0 false",
        ">=1.0.0|!=1.5.0|<2.0.0 1.6.0 true",
        "!=1.5.0 1.6.0 true",
        "!=1.5.0 1.5.0 false",
        "* 9.9.9 true",
      })
  void understandsVersRanges(String range, String version, boolean expected) {
    assertThat(PackageQuery.parse("pkg:npm/a@vers:npm/" + range).matches("npm", "a", version))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "log4j",
        "pkg:",
        "pkg:maven",
        "pkg:maven/",
        "pkg:/x",
        "pkg:gem/rails@1",
        "pkg:npm/a%zz@1",
        "pkg:npm/a%4",
        "vers:maven",
        "vers:gem/1",
        "pkg:npm/a@vers:maven/1"
      })
  void refusesWhatIsNoQuestion(String text) {
    assertCode(text, ErrorCode.PURL_INVALID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pkg:npm/a@>=x",
        "pkg:npm/a@1.0.0,",
        "pkg:maven/g/a@[1,2)",
        "vers:pypi/>=1|<two",
        "vers:npm/"
      })
  void refusesUnreadableVersions(String text) {
    assertCode(text, ErrorCode.VERSION_INVALID);
  }

  @Test
  void refusesEndlessQuestions() {
    assertCode("pkg:npm/a@" + "1.0.0,".repeat(120) + "1.0.0", ErrorCode.PURL_INVALID);
    assertCode("pkg:npm/" + "a".repeat(5000), ErrorCode.PURL_INVALID);
  }

  @Test
  void tellsWhatIsAskedFor() {
    PackageQuery query = PackageQuery.parse("pkg:maven/org.apache.logging.log4j/log4j-core");
    assertThat(query.type()).isEqualTo("maven");
    assertThat(query.name()).contains(LOG4J);
    assertThat(query.anyVersion()).isTrue();
    assertThat(PackageQuery.parse("vers:maven/1").name()).isEmpty();
    assertThat(query).hasToString("pkg:maven/org.apache.logging.log4j/log4j-core");
  }

  private static void assertCode(String text, ErrorCode code) {
    assertThatThrownBy(() -> PackageQuery.parse(text))
        .isInstanceOfSatisfying(BullaException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
