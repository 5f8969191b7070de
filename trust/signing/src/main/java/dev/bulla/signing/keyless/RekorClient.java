package dev.bulla.signing.keyless;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.signing.http.ServiceClient;
import dev.bulla.signing.sigstore.LogEntry;
import dev.bulla.signing.sigstore.LogRequest;
import dev.bulla.signing.sigstore.ProtoJson;
import dev.bulla.signing.sigstore.SignedMaterial;
import dev.bulla.signing.sigstore.TileProof;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import tools.jackson.databind.node.ObjectNode;

/**
 * Has a transparency log take an entry about a signature (rekor, {@code openapi.yaml}: {@code POST
 * /api/v1/log/entries}; rekor-tiles, {@code rekor_service.proto}: {@code POST
 * /api/v2/log/entries}).
 *
 * <p>A log of version 2 answers when the entry is in a published tree, which takes seconds: several
 * entries are to be submitted at the same time.
 */
final class RekorClient {
  private static final String ENTRIES_1 = "/api/v1/log/entries";
  private static final String ENTRIES_2 = "/api/v2/log/entries";
  private static final String READ_2 = "/api/v2/";
  private static final int MAX_ANSWER = 4 * 1024 * 1024;
  private static final int CONFLICT = 409;
  private static final Duration TIME = Duration.ofSeconds(90);

  private final SigningServices.Log log;
  private final ServiceClient client;
  private final TrustedRoot root;

  /**
   * @param root tells the ids of logs
   */
  RekorClient(SigningServices.Log log, ServiceClient client, TrustedRoot root) {
    this.log = log;
    this.client = client;
    this.root = root;
  }

  /**
   * The log's entry; nothing of it is believed.
   *
   * @throws BullaException {@link ErrorCode#SERVICE_REFUSED}, {@link
   *     ErrorCode#SERVICE_UNAVAILABLE}, {@link ErrorCode#LOG_ENTRY_INVALID} if the answer holds
   *     none
   */
  LogEntry submit(SignedMaterial signed) {
    return switch (log.version()) {
      case 1 -> entry1(submit1(LogRequest.version1(signed)));
      default -> submit2(signed);
    };
  }

  /** A log of version 2 that has the entry already says at which index; its tiles prove it. */
  private LogEntry submit2(SignedMaterial signed) {
    ServiceClient.Service service = service(ENTRIES_2);
    ServiceClient.Answer answer = client.exchange(service, post(LogRequest.version2(signed)));
    String index = answer.headers().firstValue("X-Log-Index").orElse("");
    if (answer.status() == CONFLICT && index.matches("[0-9]{1,18}")) {
      return TileProof.entry(
          Long.parseLong(index),
          new String(read("checkpoint"), StandardCharsets.UTF_8),
          path -> read("tile/" + path),
          signed,
          root);
    }
    if (!answer.granted()) {
      throw ServiceClient.refused(service, answer);
    }
    return entry2(answer.body());
  }

  private byte[] read(String path) {
    return client.ask(service(READ_2 + path), HttpRequest.newBuilder().GET());
  }

  /** A log of version 1 that has the entry already says where, and it is fetched. */
  private byte[] submit1(byte[] proposal) {
    ServiceClient.Service service = service(ENTRIES_1);
    ServiceClient.Answer answer = client.exchange(service, post(proposal));
    if (answer.status() == CONFLICT) {
      String place = answer.headers().firstValue("Location").orElse("");
      // only the path counts: the log must not send us elsewhere
      String id = place.substring(place.lastIndexOf('/') + 1);
      if (id.matches("[0-9a-fA-F]{64}([0-9a-fA-F]{16})?")) {
        return client.ask(
            service(ENTRIES_1 + "/" + id),
            HttpRequest.newBuilder().header("Accept", "application/json").GET());
      }
    }
    if (!answer.granted()) {
      throw ServiceClient.refused(service, answer);
    }
    return answer.body();
  }

  private ServiceClient.Service service(String path) {
    URI address = SigningServices.below(log.address(), path);
    return new ServiceClient.Service("the transparency log", address, MAX_ANSWER, TIME);
  }

  private static HttpRequest.Builder post(byte[] body) {
    return HttpRequest.newBuilder()
        .header("Content-Type", "application/json")
        .header("Accept", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
  }

  /** An object with one member, whose name is the entry's id. */
  static LogEntry entry1(byte[] answer) {
    try {
      ObjectNode root = Json.parseObject(answer, "log answer");
      Iterator<String> ids = root.propertyNames().iterator();
      if (root.size() != 1) {
        throw new BullaException(
            ErrorCode.LOG_ENTRY_INVALID, "%d entries, expected one".formatted(root.size()));
      }
      return LogEntry.parseVersion1(Fields.of(root.get(ids.next()), "log answer"));
    } catch (BullaException e) {
      throw none(e);
    }
  }

  static LogEntry entry2(byte[] answer) {
    try {
      return LogEntry.parse(ProtoJson.parse(answer, MAX_ANSWER, "log answer"));
    } catch (BullaException e) {
      throw none(e);
    }
  }

  private static BullaException none(BullaException e) {
    return new BullaException(
        ErrorCode.LOG_ENTRY_INVALID, "the transparency log's answer is none: " + e.reason(), e);
  }
}
