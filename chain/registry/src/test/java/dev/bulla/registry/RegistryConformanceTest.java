package dev.bulla.registry;

import static dev.bulla.registry.Caller.content;
import static dev.bulla.registry.Caller.error;
import static dev.bulla.registry.Caller.header;
import static dev.bulla.registry.Caller.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.core.Digest.Algorithm;
import dev.bulla.core.MediaTypes;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The checks of the OCI distribution conformance suite on blobs and uploads, against a real server.
 */
class RegistryConformanceTest {
  private static final String STREAM = "application/octet-stream";
  private static final String UPLOADS = "/v2/conf/blobs/uploads/";

  @TempDir static Path home;
  private static TrialTarget server;
  private static Caller caller;

  @BeforeAll
  static void start() {
    server = TrialTarget.start(home);
    caller = new Caller(server.address());
  }

  @AfterAll
  static void stop() {
    caller.close();
    server.close();
  }

  @Test
  void pingAnswers() {
    HttpResponse<byte[]> got = caller.call("GET", "/v2/");

    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(header(got, "Docker-Distribution-Api-Version")).isEqualTo("registry/2.0");
    assertThat(caller.call("GET", "/v2").statusCode()).isEqualTo(200);
  }

  @Test
  void anEmptyRepositoryHasNoTagsAndNoReferrers() {
    Digest random = Digest.sha256(content(77));

    assertThat(error(caller.call("GET", "/v2/never/pushed/tags/list"))).isEqualTo("NAME_UNKNOWN");
    HttpResponse<byte[]> referrers = caller.call("GET", "/v2/never/pushed/referrers/" + random);
    assertThat(referrers.statusCode()).isEqualTo(200);
    assertThat(header(referrers, "Content-Type")).isEqualTo(MediaTypes.OCI_INDEX);
    assertThat(json(referrers).get("schemaVersion").intValue()).isEqualTo(2);
    assertThat(json(referrers).get("mediaType").stringValue()).isEqualTo(MediaTypes.OCI_INDEX);
    assertThat(json(referrers).get("manifests")).isEmpty();
  }

  @Test
  void aMissingBlobIs404() {
    HttpResponse<byte[]> got = caller.call("GET", "/v2/conf/blobs/" + Digest.sha256(content(78)));

    assertThat(got.statusCode()).isEqualTo(404);
    assertThat(error(got)).isEqualTo("BLOB_UNKNOWN");
  }

  @ParameterizedTest
  @EnumSource(names = {"SHA256", "SHA512"})
  void singlePost(Algorithm algorithm) {
    byte[] content = content(1_001);
    Digest digest = Digest.of(algorithm, content);

    assertPushed(
        caller.call("POST", UPLOADS + "?digest=" + digest, content, "Content-Type", STREAM),
        digest,
        content);
  }

  @ParameterizedTest
  @EnumSource(names = {"SHA256", "SHA512"})
  void postThenPut(Algorithm algorithm) {
    byte[] content = content(1_002);
    Digest digest = Digest.of(algorithm, content);

    assertPushed(put(caller.begin("conf"), digest, content), digest, content);
  }

  @ParameterizedTest
  @EnumSource(names = {"SHA256", "SHA512"})
  void oneChunkThenPut(Algorithm algorithm) {
    byte[] content = content(1_003);
    Digest digest = Digest.of(algorithm, content);
    HttpResponse<byte[]> patched = patch(caller.begin("conf"), content, 0, content.length);

    assertThat(patched.statusCode()).isEqualTo(202);
    assertThat(header(patched, "Range")).isEqualTo("0-1002");
    assertPushed(put(header(patched, "Location"), digest, new byte[0]), digest, content);
  }

  @ParameterizedTest
  @EnumSource(names = {"SHA256", "SHA512"})
  void streamedPatchThenPut(Algorithm algorithm) {
    byte[] content = content(300_000);
    Digest digest = Digest.of(algorithm, content);
    HttpResponse<byte[]> patched = caller.stream("PATCH", caller.begin("conf"), content);

    assertThat(patched.statusCode()).isEqualTo(202);
    assertThat(header(patched, "Range")).isEqualTo("0-299999");
    assertPushed(put(header(patched, "Location"), digest, new byte[0]), digest, content);
  }

  @Test
  void aPatchWithLengthButWithoutRangeAppends() {
    byte[] content = content(2_048);
    String location = caller.begin("conf");
    HttpResponse<byte[]> first = caller.call("PATCH", location, Arrays.copyOf(content, 1_000));
    HttpResponse<byte[]> second =
        caller.call("PATCH", header(first, "Location"), Arrays.copyOfRange(content, 1_000, 2_048));
    Digest digest = Digest.sha256(content);

    assertThat(header(second, "Range")).isEqualTo("0-2047");
    assertPushed(put(header(second, "Location"), digest, new byte[0]), digest, content);
  }

  @ParameterizedTest
  @CsvSource({"SHA256,true", "SHA256,false", "SHA512,true", "SHA512,false"})
  void threeChunksWithEachWrongOneFirst(Algorithm algorithm, boolean lastInPut) {
    byte[] content = content(3_072);
    Digest digest = Digest.of(algorithm, content);
    String location = caller.begin("conf");
    for (int from = 0; from < (lastInPut ? 2_048 : 3_072); from += 1_024) {
      HttpResponse<byte[]> wrong = patch(location, content, from + 512, from + 1_024);
      assertThat(wrong.statusCode()).isEqualTo(416);
      assertThat(header(wrong, "Range")).isEqualTo("0-" + Math.max(0, from - 1));
      assertThat(header(wrong, "Location")).isEqualTo(location);
      assertStands(location, from);
      HttpResponse<byte[]> right = patch(location, content, from, from + 1_024);
      assertThat(right.statusCode()).isEqualTo(202);
      assertThat(patch(location, content, from, from + 1_024).statusCode())
          .as("the same again")
          .isEqualTo(416);
      assertThat(header(right, "Range")).isEqualTo("0-" + (from + 1_023));
      location = header(right, "Location");
    }
    if (lastInPut) {
      byte[] last = Arrays.copyOfRange(content, 2_048, 3_072);
      String close = location + "?digest=" + digest;
      assertThat(caller.call("PUT", close, last, "Content-Range", "0-1023").statusCode())
          .isEqualTo(416);
      assertStands(location, 2_048);
      assertPushed(caller.call("PUT", close, last, "Content-Range", "2048-3071"), digest, content);
    } else {
      assertPushed(put(location, digest, new byte[0]), digest, content);
    }
  }

  @Test
  void anUploadWithoutBytesStandsAtZero() {
    HttpResponse<byte[]> state = caller.call("GET", caller.begin("conf"));

    assertThat(state.statusCode()).isEqualTo(204);
    assertThat(header(state, "Range")).isEqualTo("0-0");
  }

  @Test
  void aChunkMustBeAsLongAsItsRange() {
    String location = caller.begin("conf");

    HttpResponse<byte[]> wrong =
        caller.call("PATCH", location, content(10), "Content-Range", "0-10");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(error(wrong)).isEqualTo("SIZE_INVALID");
    assertStands(location, 0);
    assertThat(caller.stream("PATCH", location, content(20), "Content-Range", "0-9").statusCode())
        .isEqualTo(400);
    assertThat(caller.call("PATCH", location, content(10), "Content-Range", "ten").statusCode())
        .isEqualTo(400);
  }

  @Test
  void mountsFromARepositoryAndFromAnywhere() {
    byte[] content = content(1_010);
    Digest digest = caller.push("mount/from", content);

    HttpResponse<byte[]> named =
        caller.call("POST", "/v2/mount/to/blobs/uploads/?mount=" + digest + "&from=mount/from");
    assertPushed(named, digest, content);
    HttpResponse<byte[]> anonymous =
        caller.call("POST", "/v2/mount/other/blobs/uploads/?mount=" + digest);
    assertPushed(anonymous, digest, content);
  }

  @Test
  void mountingWhatExistsNowhereOpensAnUpload() {
    byte[] content = content(1_011);
    Digest digest = Digest.sha256(content);
    HttpResponse<byte[]> post =
        caller.call("POST", UPLOADS + "?mount=" + digest + "&from=mount/from");

    assertThat(post.statusCode()).isEqualTo(202);
    assertPushed(put(header(post, "Location"), digest, content), digest, content);
  }

  @Test
  void aCancelledUploadIsGone() {
    String location = caller.begin("conf");

    assertThat(caller.call("DELETE", location).statusCode()).isEqualTo(204);
    HttpResponse<byte[]> after = caller.call("GET", location);
    assertThat(after.statusCode()).isEqualTo(404);
    assertThat(error(after)).isEqualTo("BLOB_UPLOAD_UNKNOWN");
    assertThat(caller.call("PATCH", location, content(1)).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "500-1499, 500, 1499",
    "500-, 500, 3999",
    "-500, 3500, 3999",
    "2000-5000, 2000, 3999",
    "0-0, 0, 0",
  })
  void ranges(String range, int first, int last) {
    byte[] content = content(4_000);
    Digest digest = caller.push("conf", content);
    HttpResponse<byte[]> got =
        caller.call("GET", "/v2/conf/blobs/" + digest, "Range", "bytes=" + range);

    assertThat(got.statusCode()).isEqualTo(206);
    assertThat(header(got, "Content-Range")).isEqualTo("bytes " + first + "-" + last + "/4000");
    assertThat(header(got, "Content-Length")).isEqualTo(Integer.toString(last - first + 1));
    assertThat(got.body()).isEqualTo(Arrays.copyOfRange(content, first, last + 1));
  }

  @Test
  void aRangeCountsForTheContentThatItWasMeantFor() {
    byte[] content = content(4_000);
    Digest digest = caller.push("conf", content);
    String blob = "/v2/conf/blobs/" + digest;
    String tag = header(caller.call("HEAD", blob), "ETag");

    assertThat(caller.call("GET", blob, "Range", "bytes=0-9", "If-Range", tag).body()).hasSize(10);
    for (String other : List.of("\"x\"", "W/" + tag, "Wed, 21 Oct 2026 07:28:00 GMT")) {
      assertThat(caller.call("GET", blob, "Range", "bytes=0-9", "If-Range", other).body())
          .as(other)
          .isEqualTo(content);
    }
    for (String method : List.of("GET", "HEAD")) {
      assertThat(caller.call(method, blob, "If-None-Match", tag).statusCode()).isEqualTo(304);
    }
    assertThat(
            header(
                caller.call("GET", blob, "Range", "bytes=10-" + "9".repeat(30)), "Content-Range"))
        .isEqualTo("bytes 10-3999/4000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"500-0", "5000-10000"})
  void rangesWithoutAnyByteAre416(String range) {
    Digest digest = caller.push("conf", content(4_000));
    HttpResponse<byte[]> got =
        caller.call("GET", "/v2/conf/blobs/" + digest, "Range", "bytes=" + range);

    assertThat(got.statusCode()).isEqualTo(416);
    assertThat(header(got, "Content-Range")).isEqualTo("bytes */4000");
  }

  @ParameterizedTest
  @CsvSource({"SHA256,''", "SHA512,''", "SHA256,{}", "SHA512,{}"})
  void wellKnownContentsInEveryMode(Algorithm algorithm, String text) {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    Digest digest = Digest.of(algorithm, content);

    assertPushed(
        caller.call("POST", UPLOADS + "?digest=" + digest, content, "Content-Type", STREAM),
        digest,
        content);
    assertPushed(put(caller.begin("conf"), digest, content), digest, content);
    String location = header(caller.stream("PATCH", caller.begin("conf"), content), "Location");
    assertPushed(put(location, digest, new byte[0]), digest, content);
  }

  @Test
  void badDigestsAre400AndLeaveNothing() {
    byte[] content = content(1_020);
    String other = Digest.sha256(content(1_021)).toString();
    List<String> bad =
        List.of(
            "sha256:baddigeststring",
            "sha256:" + "A".repeat(64),
            "md5:" + "0".repeat(32),
            "nonsense",
            other);

    for (String digest : bad) {
      HttpResponse<byte[]> put =
          caller.call(
              "PUT", caller.begin("bad") + "?digest=" + digest, content, "Content-Type", STREAM);
      assertThat(put.statusCode()).as(digest).isEqualTo(400);
      assertThat(error(put)).as(digest).isEqualTo("DIGEST_INVALID");
      HttpResponse<byte[]> post =
          caller.call(
              "POST", "/v2/bad/blobs/uploads/?digest=" + digest, content, "Content-Type", STREAM);
      assertThat(post.statusCode()).as(digest).isEqualTo(400);
    }
    assertThat(caller.call("PUT", caller.begin("bad"), content).statusCode()).isEqualTo(400);
    assertThat(caller.call("HEAD", "/v2/bad/blobs/" + other).statusCode()).isEqualTo(404);
    assertThat(caller.call("HEAD", "/v2/bad/blobs/" + Digest.sha256(content)).statusCode())
        .isEqualTo(404);
  }

  @Test
  void aBlobThatTheCallerHasIs304() {
    Digest digest = caller.push("conf", content(1_030));
    HttpResponse<byte[]> got =
        caller.call(
            "GET", "/v2/conf/blobs/" + digest, "If-None-Match", "\"x\", \"" + digest + "\"");

    assertThat(got.statusCode()).isEqualTo(304);
    assertThat(got.body()).isEmpty();
  }

  @Test
  void deletingUnlinksFromOneRepositoryOnly() {
    Digest digest = caller.push("del/one", content(1_040));
    caller.push("del/two", content(1_040));

    assertThat(caller.call("DELETE", "/v2/del/one/blobs/" + digest).statusCode()).isEqualTo(202);
    assertThat(caller.call("HEAD", "/v2/del/one/blobs/" + digest).statusCode()).isEqualTo(404);
    assertThat(caller.call("DELETE", "/v2/del/one/blobs/" + digest).statusCode()).isEqualTo(404);
    assertThat(caller.call("HEAD", "/v2/del/two/blobs/" + digest).statusCode()).isEqualTo(200);
  }

  @Test
  void namesMayHoldTheWordsOfTheProtocol() {
    byte[] content = content(1_050);
    Digest digest = Digest.sha256(content);
    for (String repository :
        List.of("blobs/uploads", "a/manifests/b", "tags/list", "x/blobs/y/referrers")) {
      assertThat(caller.push(repository, content)).isEqualTo(digest);
      assertThat(caller.call("GET", "/v2/" + repository + "/blobs/sha256%3A" + digest.hex()).body())
          .isEqualTo(content);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Upper", "a__b__", "-a", "a..b", "a//b"})
  void badNamesAre400(String name) {
    HttpResponse<byte[]> post = caller.call("POST", "/v2/" + name + "/blobs/uploads/");

    assertThat(post.statusCode()).isEqualTo(400);
  }

  private static void assertPushed(HttpResponse<byte[]> pushed, Digest digest, byte[] content) {
    assertThat(pushed.statusCode()).isEqualTo(201);
    assertThat(header(pushed, "Docker-Content-Digest")).isEqualTo(digest.toString());
    String location = header(pushed, "Location");
    HttpResponse<byte[]> head = caller.call("HEAD", location);
    HttpResponse<byte[]> got = caller.call("GET", location);
    for (HttpResponse<byte[]> answer : List.of(head, got)) {
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(header(answer, "Content-Length")).isEqualTo(Integer.toString(content.length));
      assertThat(header(answer, "Docker-Content-Digest")).isEqualTo(digest.toString());
      assertThat(header(answer, "ETag")).isEqualTo("\"" + digest + "\"");
      assertThat(header(answer, "Accept-Ranges")).isEqualTo("bytes");
    }
    assertThat(got.body()).isEqualTo(content);
    assertThat(caller.call("DELETE", location).statusCode()).isEqualTo(202);
    assertThat(caller.call("HEAD", location).statusCode()).isEqualTo(404);
  }

  private static void assertStands(String location, int offset) {
    HttpResponse<byte[]> state = caller.call("GET", location);
    assertThat(state.statusCode()).isEqualTo(204);
    assertThat(header(state, "Range")).isEqualTo("0-" + Math.max(0, offset - 1));
    assertThat(header(state, "Location")).isEqualTo(location);
  }

  private static HttpResponse<byte[]> patch(String location, byte[] content, int from, int to) {
    return caller.call(
        "PATCH",
        location,
        Arrays.copyOfRange(content, from, to),
        "Content-Range",
        from + "-" + (to - 1),
        "Content-Type",
        STREAM);
  }

  private static HttpResponse<byte[]> put(String location, Digest digest, byte[] content) {
    return caller.call("PUT", location + "?digest=" + digest, content, "Content-Type", STREAM);
  }
}
