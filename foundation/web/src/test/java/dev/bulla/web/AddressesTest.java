package dev.bulla.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What addresses mean: paths, queries, and who answers at once. */
class AddressesTest {
  private static final PathPattern BLOB = new PathPattern("/v2/<name>/blobs/{digest}");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v2/a/blobs/x | a | x",
        "/v2/a/b/c/blobs/x | a/b/c | x",
        "/v2/a/blobs/b/blobs/x | a/blobs/b | x",
        "/v2/blobs/blobs/blobs | blobs | blobs",
        "/v2/a/blobs/sha256%3A12 | a | sha256:12",
        "/v2/a%2Fb/blobs/x | a/b | x",
        "/v2/a%252fb/blobs/x | a%2fb | x", // decoded once
        "/v2/a+b/blobs/x+y | a+b | x+y", // a plus is a plus in a path
        "/v2/../blobs/x | .. | x", // names are for the route to judge
        "/v2/a//blobs/x | a/ | x",
        "/v2//blobs/x | |",
        "/v2/blobs/x | |",
        "/v2/a/blobs/ | |",
        "/v2/a/blobs/x/ | |",
        "/v2/a/blobs | |",
        "/v2/a/Blobs/x | |",
        "/V2/a/blobs/x | |",
        "/v2/a/blobs%2Fx | |",
        "//v2/a/blobs/x | |",
        "v2/a/blobs/x | |",
        "/v2 | |",
        "/ | |",
        "'' | |"
      })
  void aPathIsComparedAsItWasSentAndDecodedOnce(String path, String name, String digest) {
    assertThat(BLOB.match(path).orElse(Map.of()))
        .isEqualTo(name == null ? Map.of() : Map.of("name", name, "digest", digest));
  }

  @Test
  void aPathWithoutParametersIsItself() {
    PathPattern exact = new PathPattern("/v2/");

    assertThat(exact.match("/v2/")).isPresent();
    assertThat(List.of("/v2", "/v2//", "/v2/x", "/V2/", "", "/"))
        .allMatch(other -> exact.match(other).isEmpty());
    assertThatThrownBy(() -> new PathPattern("/<a>/x/<b>"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tag=a&tag=b | a,b",
        "tag=a%2Bb&tag=c+d | a+b,c d",
        "tag | ''",
        "tag= | ''",
        "tag=a=b | a=b",
        "%74ag=a | a",
        "TAG=a&xtag=b&& |",
        "=tag&& |"
      })
  void aQueryIsReadByItsParts(String query, String values) {
    assertThat(String.join(",", Query.parse(query).getOrDefault("tag", List.of("none"))))
        .isEqualTo(values == null ? "none" : values);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=%", "a=%4", "a=%zz", "%-1=a", "a=b&c=%00", "%00=1"})
  void aQueryThatCannotBeDecodedIsRefused(String query) {
    assertThatThrownBy(() -> Query.parse(query)).isInstanceOf(BullaException.class);
  }

  @Test
  void whatComesFirstIsDoneBeforeBothWaysToAnswer() throws IOException {
    StringBuilder done = new StringBuilder();
    QuickHandler quick =
        QuickHandler.of(
            exchange -> {
              done.append("at once ");
              return false;
            },
            exchange -> done.append("later "));
    Handler whole = QuickHandler.after(exchange -> done.append("first "), quick);

    assertThat(whole).isInstanceOf(QuickHandler.class);
    assertThat(((QuickHandler) whole).handleAtOnce(null)).isFalse();
    whole.handle(null);
    assertThat(done.toString()).isEqualTo("first at once first later ");
    assertThat(QuickHandler.after(exchange -> {}, exchange -> {}))
        .as("what may wait still may")
        .isNotInstanceOf(QuickHandler.class);
  }
}
