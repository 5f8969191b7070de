package dev.bulla.registry;

import static dev.bulla.registry.Caller.content;
import static dev.bulla.registry.Caller.header;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * Requests that no honest client sends, each with its answer; written to the socket as they are.
 */
class HostileRequestTest {
  @TempDir Path home;
  private TrialServer server;
  private Caller caller;

  @BeforeEach
  void start() {
    server = TrialServer.start(home);
    caller = new Caller(server.address());
  }

  @AfterEach
  void stop() {
    caller.close();
    server.close();
  }

  @Test
  void namesThatLeadElsewhereAreNoNames() throws IOException {
    Digest digest = caller.push("res/app", content(100));
    for (String name :
        List.of(
            "res/../app",
            "res/%2e%2e/app",
            "./res/app",
            "res//app",
            "/res/app",
            "res/app;a",
            "res/app%5c",
            "res/app%20",
            "RES/app",
            "res/app%0d%0aSet-Cookie:a",
            "res%252fapp",
            "x".repeat(300) + "%2f" + "y".repeat(3000).replace("yyyyyyyyyy", "Y"))) {
      String answer = get("/v2/" + name + "/blobs/" + digest);
      assertThat(answer).as(name).startsWith("HTTP/1.1 400").contains("NAME_INVALID");
      assertThat(answer.substring(0, answer.indexOf("\r\n\r\n"))).doesNotContain("Set-Cookie");
    }
  }

  @Test
  void digestsHaveOneSpelling() throws IOException {
    Digest digest = caller.push("res/app", content(100));
    String hex = digest.hex();
    assertThat(get("/v2/res/app/blobs/sha256%3a" + hex)).startsWith("HTTP/1.1 200");
    for (String other :
        List.of(
            "sha256:" + hex.toUpperCase(Locale.ROOT),
            "SHA256:" + hex,
            "sha256:" + hex + ";x",
            "sha256:" + hex + "%20",
            "sha256:" + hex.substring(1),
            "sha256:%2e%2e%2f%2e%2e",
            "%2e%2e%2f%2e%2e%2fetc%2fpasswd")) {
      assertThat(get("/v2/res/app/blobs/" + other))
          .as(other)
          .startsWith("HTTP/1.1 400")
          .contains("DIGEST_INVALID");
    }
    assertThat(get("/v2/res/app/manifests/sha256:zz")).startsWith("HTTP/1.1 400");
    assertThat(get("/v2/res/app/referrers/sha256:zz")).startsWith("HTTP/1.1 400");
  }

  @Test
  void aTrailingSlashIsAnotherAddress() throws IOException {
    Digest digest = caller.push("res/app", content(100));
    for (String path :
        List.of(
            "/v2/res/app/blobs/" + digest + "/",
            "/v2/res/app/tags/list/",
            "/v2/res/app/manifests/",
            "/v2/_catalog/",
            "/v2//",
            "/V2/res/app/tags/list",
            "/v2/res/app/blobs/uploads/../../../etc/passwd",
            "/v2/res/app/blobs/uploads/..%2f..%2fpasswd",
            "/v2/res/app/blobs/uploads/" + "0".repeat(32))) {
      assertThat(get(path)).as(path).startsWith("HTTP/1.1 404").contains("not-found");
    }
  }

  @Test
  void aBodyShorterThanAnnouncedLeavesAnUploadThatCanGoOn() throws IOException {
    byte[] content = content(5_000);
    String location = caller.begin("res/app");
    String head =
        "PATCH %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n".formatted(location);
    assertThat(sendAndLeave(head, Arrays.copyOf(content, 3_000)))
        .startsWith("HTTP/1.1 400")
        .contains("broke off", "Connection: close");

    String range = "";
    while (!range.equals("0-2999")) { // the server may still be reading what was sent
      range = header(caller.call("GET", location), "Range");
      Thread.onSpinWait();
    }
    byte[] rest = Arrays.copyOfRange(content, 3_000, 5_000);
    String close = location + "?digest=" + Digest.sha256(content);
    assertThat(caller.call("PUT", close, rest).statusCode()).isEqualTo(201);
  }

  @Test
  void aBlobOrManifestCutShortIsNowhere() throws IOException {
    byte[] content = content(5_000);
    Digest whole = Digest.sha256(content);
    Digest cut = Digest.sha256(Arrays.copyOf(content, 3_000));
    String form = "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n";
    for (Digest digest : List.of(whole, cut)) {
      String post = "/v2/res/app/blobs/uploads/?digest=" + digest;
      sendAndLeave(form.formatted("POST", post), Arrays.copyOf(content, 3_000));
      String put = caller.begin("res/app") + "?digest=" + digest;
      sendAndLeave(form.formatted("PUT", put), Arrays.copyOf(content, 3_000));
    }
    ObjectNode image = caller.image("res/app", 1);
    byte[] manifest = Json.write(image);
    sendAndLeave(form.formatted("PUT", "/v2/res/app/manifests/cut"), manifest);

    stop(); // waits for what is running
    start();
    assertThat(caller.call("HEAD", "/v2/res/app/blobs/" + whole).statusCode()).isEqualTo(404);
    assertThat(caller.call("HEAD", "/v2/res/app/blobs/" + cut).statusCode()).isEqualTo(404);
    assertThat(caller.call("HEAD", "/v2/res/app/manifests/cut").statusCode()).isEqualTo(404);
  }

  @Test
  void contradictingLengthsAreRefused() throws IOException {
    String location = caller.begin("res/app");
    for (String headers :
        List.of(
            "Content-Length: 3\r\nContent-Length: 4",
            "Content-Length: 3\r\nTransfer-Encoding: chunked",
            "Content-Length: -3",
            "Content-Length: 3x",
            "Content-Length: 99999999999999999999",
            "Transfer-Encoding: chunked, identity")) {
      String request =
          "PATCH " + location + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n\r\nabc";
      assertThat(raw(request)).as(headers).startsWith("HTTP/1.1 4");
    }
    assertThat(header(caller.call("GET", location), "Range")).isEqualTo("0-0");
  }

  @Test
  void anUploadEndsOnce() {
    byte[] content = content(600);
    String location = caller.begin("res/app");
    String close = location + "?digest=" + Digest.sha256(content);
    assertThat(caller.call("PUT", close, content).statusCode()).isEqualTo(201);

    assertThat(caller.call("PUT", close, content).statusCode()).isEqualTo(404);
    assertThat(caller.call("PATCH", location, content).statusCode()).isEqualTo(404);
    assertThat(caller.call("GET", location).statusCode()).isEqualTo(404);
    assertThat(caller.call("DELETE", location).statusCode()).isEqualTo(404);
  }

  @Test
  void anUploadIsKnownInItsOwnRepositoryOnly() {
    String location = caller.begin("res/app");
    assertThat(caller.call("PATCH", location, content(10)).statusCode()).isEqualTo(202);

    String elsewhere = location.replace("res/app", "other/app");
    String close = "?digest=" + Digest.sha256(content(10));
    assertThat(caller.call("GET", elsewhere).statusCode()).isEqualTo(404);
    assertThat(caller.call("PATCH", elsewhere, content(10)).statusCode()).isEqualTo(404);
    assertThat(caller.call("PUT", elsewhere + close).statusCode()).isEqualTo(404);
    assertThat(caller.call("DELETE", elsewhere).statusCode()).isEqualTo(404);
    assertThat(caller.call("PUT", location + close).statusCode()).isEqualTo(201);
  }

  @Test
  void whatIsNoRequestIsRefusedInTheFormOfItsAddress() throws IOException {
    String twoHosts = " HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n";
    assertThat(raw("GET /v2/a/tags/list" + twoHosts))
        .startsWith("HTTP/1.1 400")
        .contains("{\"errors\":[{\"code\":\"UNSUPPORTED\"");
    for (String path :
        List.of("a/tags/%zz", "a/manifests/%", "%00/tags/list", "a/manifests/%c0%ae")) {
      assertThat(get("/v2/" + path))
          .as(path)
          .startsWith("HTTP/1.1 400")
          .contains("{\"errors\":[{\"code\":\"UNSUPPORTED\"");
    }
    assertThat(get("/v2/" + "a".repeat(70_000)))
        .startsWith("HTTP/1.1 414")
        .contains("{\"errors\":[{\"code\":\"UNSUPPORTED\"");
    assertThat(get("/keys/%zz")).contains("\"title\":\"request-invalid\",\"status\":400");
    assertThat(get("/v2/a/tags/list?last=%00")).startsWith("HTTP/1.1 400").contains("UNSUPPORTED");
    assertThat(raw("GET /keys" + twoHosts)).startsWith("HTTP/1.1 400").contains("problem+json");
    String wrongMethod =
        raw("PUT /v2/a/tags/list HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assertThat(wrongMethod).startsWith("HTTP/1.1 405").contains("Allow: GET, HEAD");
  }

  @Test
  void soItIsOverHttp2() throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream(); // HPACK, literals without an index
    for (String field :
        List.of(":method GET", ":scheme http", ":path /v2/a/tags/%zz", ":authority localhost")) {
      for (String part : ("\0" + field).split(" ")) {
        boolean name = part.startsWith("\0");
        head.writeBytes(
            name ? new byte[] {0, (byte) (part.length() - 1)} : new byte[] {(byte) part.length()});
        head.writeBytes(part.substring(name ? 1 : 0).getBytes(ISO_8859_1));
      }
    }
    byte[] settings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    byte[] headers = {0, 0, (byte) head.size(), 1, 5, 0, 0, 0, 1};
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1));
      out.write(settings);
      out.write(headers);
      out.write(head.toByteArray());
      socket.setSoTimeout(10_000);
      StringBuilder said = new StringBuilder();
      while (said.indexOf("request-invalid\"") < 0) {
        int next = socket.getInputStream().read();
        assertThat(next).as(said.toString()).isNotNegative();
        said.append((char) next);
      }
      assertThat(said).contains("{\"errors\":[{\"code\":\"UNSUPPORTED\"");
    }
  }

  @Test
  void aBodyIsNotAskedForWhenTheAnswerIsKnown() throws IOException {
    String head =
        "PUT /v2/res/app/blobs/uploads/none HTTP/1.1\r\n"
            + "Host: localhost\r\n"
            + "Content-Length: 9\r\n"
            + "Expect: 100-continue\r\n\r\n";
    assertThat(raw(head)).startsWith("HTTP/1.1 404").contains("Connection: close");
  }

  @Test
  void pushesAndDeletionsOfOneBlobAtOnce() throws Exception {
    byte[] content = content(70_000);
    Digest digest = Digest.sha256(content);
    String blob = "/v2/res/app/blobs/" + digest;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all =
          IntStream.range(0, 48)
              .<Future<?>>mapToObj(i ->
                  threads.submit(() -> {
                    switch (i % 3) {
                      case 0 -> caller.push("res/app", content);
                      case 1 -> assertThat(caller.call("DELETE", blob).statusCode()).isIn(202, 404);
                      default -> {
                        HttpResponse<byte[]> got = caller.call("GET", blob);
                        assertThat(got.statusCode()).isIn(200, 404);
                        assertThat(got.statusCode() == 404 || digest.matches(got.body())).isTrue();
                      }
                    }
                  }))
              .toList();
      for (Future<?> one : all) {
        one.get();
      }
    }
    caller.push("res/app", content);
    assertThat(caller.call("GET", blob).body()).isEqualTo(content);
    assertThat(caller.call("DELETE", blob).statusCode()).isEqualTo(202);
    assertThat(caller.call("GET", blob).statusCode()).isEqualTo(404);

    server.registry().upkeep().collect(CollectionRules.STANDARD.withoutGrace(), Progress.UNHEARD);
    server.registry().upkeep().collect(CollectionRules.STANDARD.withoutGrace(), Progress.UNHEARD);
    assertThat(server.blobs().list()).isEmpty();
    assertThat(server.blobs().uploads()).isEmpty();
    assertThat(server.blobs().retiredBytes()).isZero();
  }

  private String get(String path) throws IOException {
    return raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  }

  private String raw(String request) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  private String sendAndLeave(String head, byte[] body) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(head.getBytes(ISO_8859_1));
      socket.getOutputStream().write(body);
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), server.address().getPort());
  }
}
