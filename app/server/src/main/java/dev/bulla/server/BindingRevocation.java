package dev.bulla.server;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.signing.revocation.HttpRevocation;
import dev.bulla.signing.revocation.RevocationSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where the judge of a binding gets revocation data from: what was bound with it, and, if that is
 * allowed, those whom the certificates name. None of it is believed before it was verified.
 *
 * @param lists certificate revocation lists, DER in Base64
 * @param responses OCSP responses, DER in Base64
 * @param online whether those are asked whom the certificates name
 */
public record BindingRevocation(List<String> lists, List<String> responses, boolean online) {
  /** Knows nothing and asks nobody: a certificate that could be revoked is not believed. */
  public static final BindingRevocation NONE = new BindingRevocation(List.of(), List.of(), false);

  private static final int MAX_FILES = 64;
  private static final int MAX_BYTES = 4 * 1024 * 1024;

  /** So long others are asked for one judgement; who is not reached by then has not answered. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  public BindingRevocation {
    lists = List.copyOf(lists);
    responses = List.copyOf(responses);
    if (lists.size() > MAX_FILES || responses.size() > MAX_FILES) {
      throw new BullaException(
          ErrorCode.USAGE,
          "more than %d revocation lists or OCSP responses for one binding".formatted(MAX_FILES));
    }
    lists.forEach(BindingRevocation::decoded);
    responses.forEach(BindingRevocation::decoded);
  }

  /** From files in DER. */
  public static BindingRevocation of(List<Path> lists, List<Path> responses, boolean online) {
    return new BindingRevocation(
        lists.stream().map(file -> read(file, RevocationSource::isList)).toList(),
        responses.stream().map(file -> read(file, RevocationSource::isResponse)).toList(),
        online);
  }

  static BindingRevocation parse(Fields fields) {
    fields.only("lists", "responses", "online");
    return new BindingRevocation(
        fields.strings("lists"),
        fields.strings("responses"),
        fields.optionalBoolean("online").orElse(false));
  }

  ObjectNode toJson() {
    ObjectNode node = Json.object();
    ArrayNode first = node.putArray("lists");
    lists.forEach(first::add);
    ArrayNode second = node.putArray("responses");
    responses.forEach(second::add);
    return node.put("online", online);
  }

  /**
   * The source for one judgement. Who is asked comes before what was bound: what was bound may be
   * good still, and older than a revocation.
   */
  RevocationSource open() {
    RevocationSource bound =
        RevocationSource.supplied(
            lists.stream().map(BindingRevocation::decoded).toList(),
            responses.stream().map(BindingRevocation::decoded).toList());
    return online ? new Asking(new HttpRevocation(), bound, System.nanoTime()) : bound;
  }

  private record Asking(RevocationSource others, RevocationSource bound, long since)
      implements RevocationSource {
    @Override
    public List<byte[]> lists(URI point) {
      return both(() -> others.lists(point), bound.lists(point));
    }

    @Override
    public List<byte[]> responses(URI responder, byte[] request) {
      return both(() -> others.responses(responder, request), bound.responses(responder, request));
    }

    private List<byte[]> both(Supplier<List<byte[]>> asked, List<byte[]> known) {
      if (System.nanoTime() - since > PATIENCE.toNanos()) {
        return known;
      }
      List<byte[]> all = new ArrayList<>(asked.get());
      all.addAll(known);
      return all;
    }
  }

  private static byte[] decoded(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new BullaException(
          ErrorCode.TRUST_POLICY_INVALID, "revocation data is not in Base64", e);
    }
  }

  private static String read(Path file, Predicate<byte[]> known) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE, file + " is larger than " + MAX_BYTES + " bytes");
      }
      if (!known.test(bytes)) {
        throw new BullaException(
            ErrorCode.USAGE,
            file + " is neither a revocation list nor an OCSP response in DER, as the option says",
            "Convert it: openssl crl -in FILE -outform DER.");
      }
      return Base64.getEncoder().encodeToString(bytes);
    } catch (IOException e) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "cannot read " + file, e);
    }
  }
}
