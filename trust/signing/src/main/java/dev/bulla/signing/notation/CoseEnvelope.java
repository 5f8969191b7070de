package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.keys.Certificates;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.StringNode;

/**
 * Reads the COSE_Sign1 of the Notary Project (RFC 9052 section 4.2; signature-envelope-cose.md).
 */
final class CoseEnvelope {
  static final String MEDIA_TYPE = "application/cose";

  private static final int SIGN1 = 18;
  private static final int EPOCH_TIME = 1;
  private static final int MAX_CHAIN = 16;
  private static final Cbor ALGORITHM = new Cbor.Whole(1);
  private static final Cbor CRITICAL = new Cbor.Whole(2);
  private static final Cbor CONTENT_TYPE = new Cbor.Whole(3);
  private static final Cbor CHAIN = new Cbor.Whole(33);

  private CoseEnvelope() {}

  /**
   * @throws BullaException {@code SIGNATURE_MALFORMED}, {@code SIGNATURE_ALGORITHM} and the errors
   *     of {@link Certificates#parse}
   */
  static Envelope parse(byte[] bytes) {
    if (!(Cbor.parse(bytes) instanceof Cbor.Tagged(long tag, Cbor.Items(List<Cbor> parts)))
        || tag != SIGN1
        || parts.size() != 4
        || !(parts.get(0) instanceof Cbor.Bytes(byte[] protectedBytes))
        || !(parts.get(1) instanceof Cbor.Table(Map<Cbor, Cbor> open))
        || !(parts.get(2) instanceof Cbor.Bytes(byte[] payload))
        || !(parts.get(3) instanceof Cbor.Bytes(byte[] signature))) {
      throw ProtectedAttributes.malformed("not a tagged COSE_Sign1 with its payload");
    }
    if (!(Cbor.parse(protectedBytes) instanceof Cbor.Table(Map<Cbor, Cbor> header))) {
      throw ProtectedAttributes.malformed("the protected header is not a map");
    }
    ProtectedAttributes attributes = attributes(header);
    return new Envelope(
        Envelope.COSE,
        algorithm(header),
        optionalText(header, CONTENT_TYPE)
            .orElseThrow(() -> ProtectedAttributes.malformed("no content type")),
        payload,
        toBeSigned(protectedBytes, payload),
        signature,
        chain(open),
        attributes.scheme(),
        attributes.time(),
        attributes.expiry(),
        values(header, attributes.unknownCritical()),
        attributes.plugin(),
        attributes.pluginVersion(),
        timestamp(open),
        optionalText(open, new Cbor.Text(Headers.AGENT)).orElse(""));
  }

  private static Map<String, JsonNode> values(Map<Cbor, Cbor> header, Set<String> names) {
    Map<String, JsonNode> values = new LinkedHashMap<>();
    for (String name : names) {
      Cbor value = header.get(new Cbor.Text(name));
      values.put(name, value == null ? NullNode.instance : json(value));
    }
    return values;
  }

  /** As a plugin is told: bytes as base64, containers as such, which it is not told at all. */
  private static JsonNode json(Cbor value) {
    return switch (value) {
      case Cbor.Whole(long number) -> LongNode.valueOf(number);
      case Cbor.Text(String text) -> StringNode.valueOf(text);
      case Cbor.Bytes(byte[] bytes) ->
          StringNode.valueOf(Base64.getEncoder().encodeToString(bytes));
      case Cbor.Tagged(long tag, Cbor inner) -> json(inner);
      case Cbor.Simple(int simple) ->
          simple == 22 ? NullNode.instance : BooleanNode.valueOf(simple == 21);
      case Cbor.Items items -> Json.array();
      case Cbor.Table table -> Json.object();
    };
  }

  private static ProtectedAttributes attributes(Map<Cbor, Cbor> header) {
    Set<String> names = new LinkedHashSet<>();
    for (Cbor key : header.keySet()) {
      if (key instanceof Cbor.Text(String name)) {
        names.add(name);
      }
    }
    return new ProtectedAttributes(
        optionalText(header, new Cbor.Text(Headers.SCHEME)),
        time(header, Headers.SIGNING_TIME),
        time(header, Headers.AUTHENTIC_TIME),
        time(header, Headers.EXPIRY),
        optionalText(header, new Cbor.Text(Headers.PLUGIN)),
        optionalText(header, new Cbor.Text(Headers.PLUGIN_VERSION)),
        names,
        critical(header));
  }

  private static List<String> critical(Map<Cbor, Cbor> header) {
    if (!(header.get(CRITICAL) instanceof Cbor.Items(List<Cbor> listed))) {
      throw ProtectedAttributes.malformed("no list of critical attributes");
    }
    List<String> names = new ArrayList<>();
    for (Cbor one : listed) {
      if (!(one instanceof Cbor.Text(String name))) {
        throw ProtectedAttributes.malformed("a critical attribute that may not be critical");
      }
      names.add(name);
    }
    return names;
  }

  private static NotationAlgorithm algorithm(Map<Cbor, Cbor> header) {
    if (header.get(ALGORITHM) instanceof Cbor.Whole(long id)) {
      for (NotationAlgorithm algorithm : NotationAlgorithm.values()) {
        if (algorithm.coseId() == id) {
          return algorithm;
        }
      }
    }
    throw new BullaException(
        ErrorCode.SIGNATURE_ALGORITHM,
        "signature envelope: the algorithm is not one of Notation's six");
  }

  private static List<X509Certificate> chain(Map<Cbor, Cbor> open) {
    if (!(open.get(CHAIN) instanceof Cbor.Items(List<Cbor> listed))
        || listed.isEmpty()
        || listed.size() > MAX_CHAIN) {
      throw ProtectedAttributes.malformed(
          "x5chain is not an array of 1 to " + MAX_CHAIN + " certificates");
    }
    List<X509Certificate> chain = new ArrayList<>();
    for (Cbor one : listed) {
      if (!(one instanceof Cbor.Bytes(byte[] der))) {
        throw ProtectedAttributes.malformed("x5chain holds something that is not bytes");
      }
      chain.add(Certificates.parse(der, "x5chain/" + chain.size()));
    }
    return chain;
  }

  private static Optional<byte[]> timestamp(Map<Cbor, Cbor> open) {
    Cbor value = open.get(new Cbor.Text(Headers.TIMESTAMP));
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Cbor.Bytes(byte[] token)) {
      return Optional.of(token);
    }
    throw ProtectedAttributes.malformed(Headers.TIMESTAMP + " is not bytes");
  }

  /** Times are tag 1 with an integer; text times (tag 0) and floats are not allowed. */
  private static Optional<Instant> time(Map<Cbor, Cbor> header, String name) {
    Cbor value = header.get(new Cbor.Text(name));
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Cbor.Tagged(long tag, Cbor.Whole(long seconds)) && tag == EPOCH_TIME) {
      try {
        return Optional.of(Instant.ofEpochSecond(seconds));
      } catch (DateTimeException e) {
        throw ProtectedAttributes.malformed(name + " is beyond any calendar");
      }
    }
    throw ProtectedAttributes.malformed(name + " is not seconds with tag 1");
  }

  private static Optional<String> optionalText(Map<Cbor, Cbor> map, Cbor key) {
    Cbor value = map.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Cbor.Text(String text)) {
      return Optional.of(text);
    }
    throw ProtectedAttributes.malformed("an attribute is not text");
  }

  /** Sig_structure: context, protected header, empty external data, payload. */
  static byte[] toBeSigned(byte[] protectedBytes, byte[] payload) {
    return new CborWriter()
        .items(4)
        .text("Signature1")
        .string(protectedBytes)
        .string(new byte[0])
        .string(payload)
        .bytes();
  }
}
