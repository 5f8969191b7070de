package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.Statement;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.signing.describe.DescribedStamp;
import dev.bulla.signing.describe.Description;
import dev.bulla.signing.sigstore.CertificateNames;
import dev.bulla.signing.sigstore.LogEntry;
import dev.bulla.signing.whole.DescribeEvidence;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a signature says of itself, for machines; and for people the same, indented. */
record DescriptionText(DescribeEvidence.Described described, boolean payload) {

  ObjectNode json() {
    ObjectNode root = Json.object();
    EvidenceText.put(root, described.evidence());
    root.put("layer", described.layer().digest().toString());
    described
        .fault()
        .ifPresent(fault ->
            root.putObject("fault").put("code", fault.code().id()).put("reason", fault.reason()));
    described.description().ifPresent(one -> put(root, one));
    return root;
  }

  private void put(ObjectNode root, Description one) {
    root.put("format", one.format());
    one.algorithm().ifPresent(value -> root.put("algorithm", value));
    one.signer().ifPresent(value -> root.put("signer", value));
    one.payloadType().ifPresent(value -> root.put("payloadType", value));
    ArrayNode subjects = root.putArray("subjects");
    one.subjects().forEach(subjects::add);
    one.statement().ifPresent(statement -> statement(root, statement));
    strings(root, "pairs", one.pairs());
    strings(root, "attributes", one.attributes());
    one.signingTime().ifPresent(time -> root.put("signingTime", time.toString()));
    one.expiry().ifPresent(time -> root.put("expiry", time.toString()));
    ArrayNode certificates = root.putArray("certificates");
    one.certificates().forEach(certificate -> certificates.add(certificate(certificate)));
    ArrayNode stamps = root.putArray("timestamps");
    one.stamps().forEach(stamp -> stamps.add(stamp(stamp)));
    ArrayNode entries = root.putArray("logEntries");
    one.logEntries().forEach(entry -> entries.add(entry(entry)));
  }

  private void statement(ObjectNode root, Statement statement) {
    root.put("predicateType", statement.predicateType());
    if (payload) {
      root.set("predicate", statement.predicate());
    }
  }

  private static void strings(ObjectNode root, String name, Map<String, String> values) {
    if (!values.isEmpty()) {
      ObjectNode node = root.putObject(name);
      values.forEach(node::put);
    }
  }

  private static ObjectNode certificate(X509Certificate certificate) {
    ObjectNode node = Json.object();
    node.put("subject", certificate.getSubjectX500Principal().getName());
    node.put("issuer", certificate.getIssuerX500Principal().getName());
    node.put("serial", certificate.getSerialNumber().toString(16));
    node.put("notBefore", certificate.getNotBefore().toInstant().toString());
    node.put("notAfter", certificate.getNotAfter().toInstant().toString());
    node.put("sha256", Digest.sha256(Certificates.encoded(certificate)).hex());
    try {
      PublicKeyVerifier key = Certificates.verifier(certificate);
      node.put("key", key.type().name() + " " + key.bits());
    } catch (BullaException e) {
      node.put("key", certificate.getPublicKey().getAlgorithm() + ", not supported");
    }
    List<String> names = names(certificate);
    if (!names.isEmpty()) {
      ArrayNode array = node.putArray("names");
      names.forEach(array::add);
    }
    strings(node, "claims", CertificateNames.claims(certificate));
    return node;
  }

  private static List<String> names(X509Certificate certificate) {
    List<String> names = new ArrayList<>();
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      if (all != null) {
        for (List<?> name : all) {
          if (name.get(1) instanceof String text) {
            names.add(text);
          }
        }
      }
    } catch (CertificateParsingException e) {
      names.add("(unreadable)");
    }
    return names;
  }

  private static ObjectNode stamp(DescribedStamp stamp) {
    ObjectNode node = Json.object();
    stamp.time().ifPresent(time -> node.put("time", time.toString()));
    if (!stamp.fault().isEmpty()) {
      node.put("fault", stamp.fault());
    }
    ArrayNode certificates = node.putArray("certificates");
    stamp.certificates().forEach(one -> certificates.add(certificate(one)));
    return node;
  }

  private static ObjectNode entry(LogEntry entry) {
    ObjectNode node = Json.object();
    node.put("index", entry.index());
    node.put("logId", HexFormat.of().formatHex(entry.logId()));
    node.put("kind", entry.kind());
    node.put("version", entry.version());
    entry.integratedTime().ifPresent(time -> node.put("integratedTime", time.toString()));
    node.put("promise", entry.hasPromise());
    node.put("proof", entry.hasProof());
    return node;
  }

  String human() {
    StringBuilder text = new StringBuilder();
    ObjectNode root = json();
    text.append(
        "%n%s %s%n".formatted(described.evidence().kind().id(), described.evidence().digest()));
    for (String name : List.of("digest", "kind", "mediaType", "depth")) {
      root.remove(name);
    }
    write(text, root, "  ");
    return text.toString();
  }

  private static void write(StringBuilder text, JsonNode node, String indent) {
    for (String name : node.propertyNames()) {
      JsonNode value = node.get(name);
      if (value.isObject()) {
        text.append("%s%s:%n".formatted(indent, Shown.text(name)));
        write(text, value, indent + "  ");
      } else if (value.isArray()) {
        for (JsonNode item : value) {
          if (item.isObject()) {
            text.append("%s%s:%n".formatted(indent, Shown.text(name)));
            write(text, item, indent + "  ");
          } else {
            text.append("%s%s: %s%n".formatted(indent, name, Shown.text(item.asString())));
          }
        }
      } else {
        text.append("%s%s: %s%n".formatted(indent, Shown.text(name), Shown.text(value.asString())));
      }
    }
  }
}
