package dev.bulla.cli.command;

import dev.bulla.core.Shown;
import dev.bulla.signing.pack.EvidencePack;
import dev.bulla.signing.pack.PackManifest;
import dev.bulla.signing.timestamp.VerifiedStamp;
import dev.bulla.signing.whole.Evidence;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What an evidence pack holds, for people and for machines. */
record PackText(
    String file, EvidencePack pack, List<Evidence> evidence, Optional<VerifiedStamp> proven) {

  String human() {
    PackManifest manifest = pack.manifest();
    StringBuilder text = new StringBuilder();
    text.append("evidence pack %s%n".formatted(Shown.text(file)));
    text.append("  pack      %s%n".formatted(pack.digest()));
    text.append(
        "  image     %s%s%n"
            .formatted(
                manifest
                    .reference()
                    .map(name -> Shown.text(name.replaceFirst("@.*", "")) + "@")
                    .orElse(""),
                manifest.image().digest()));
    text.append(
        "  made      %s by the packer's clock, %s the image's blobs%n"
            .formatted(manifest.created(), manifest.withImage() ? "with" : "without"));
    text.append(stampLine(pack, proven));
    text.append("  evidence  %d%n".formatted(evidence.size()));
    for (Evidence one : evidence) {
      text.append(
          "    %-11s %s  %s%n"
              .formatted(one.kind().id(), one.digest(), Shown.text(one.tag().orElse(one.type()))));
    }
    text.append("  judged by%n".formatted());
    for (PackManifest.TrustOption one : manifest.trust()) {
      text.append("    %s %s%n".formatted(one.name(), Shown.text(one.value())));
    }
    long trust =
        manifest.files().stream().filter(one -> one.name().startsWith(EvidencePack.TRUST)).count();
    text.append(
        "  files     %d, of which %d to judge by; every byte is as listed%n"
            .formatted(manifest.files().size(), trust));
    return text.toString();
  }

  /** When the pack existed at the latest, and whether that is proven; empty without a stamp. */
  static String stampLine(EvidencePack pack, Optional<VerifiedStamp> proven) {
    return proven
        .map(stamp ->
            "  existed   at %s at the latest, stamped by %s%n"
                .formatted(stamp.latest(), Shown.text(stamp.authority())))
        .or(() ->
            pack.stamped()
                .map(time ->
                    "  stamped   at %s by its own word: nobody was named who is believed%n"
                        .formatted(time)))
        .orElse("");
  }

  static void putStamp(ObjectNode root, EvidencePack pack, Optional<VerifiedStamp> proven) {
    pack.stamped()
        .ifPresent(time -> {
          ObjectNode node = root.putObject("timestamp").put("verified", proven.isPresent());
          node.put("time", proven.map(VerifiedStamp::latest).orElse(time).toString());
          proven.ifPresent(stamp -> node.put("authority", stamp.authority()));
        });
  }

  void put(ObjectNode root) {
    PackManifest manifest = pack.manifest();
    root.put("file", file);
    root.put("packDigest", pack.digest().toString());
    root.put("digest", manifest.image().digest().toString());
    manifest.reference().ifPresent(name -> root.put("reference", name));
    root.put("created", manifest.created().toString());
    putStamp(root, pack, proven);
    root.put("withImage", manifest.withImage());
    root.put("recursive", manifest.recursive());
    ArrayNode trust = root.putArray("trust");
    for (PackManifest.TrustOption one : manifest.trust()) {
      trust.addObject().put("name", one.name()).put("value", one.value()).put("file", one.file());
    }
    ArrayNode files = root.putArray("files");
    for (PackManifest.PackedFile one : manifest.files()) {
      files
          .addObject()
          .put("name", one.name())
          .put("size", one.size())
          .put("digest", one.digest().toString());
    }
    ArrayNode array = root.putArray("evidence");
    evidence.forEach(one -> EvidenceText.put(array.addObject(), one));
  }
}
