package dev.bulla.signing.authority;

import dev.bulla.core.Descriptor;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.Statement;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.SigningIdentity;
import dev.bulla.oci.Repository;
import dev.bulla.signing.Workshop;
import dev.bulla.signing.cosign.CosignSigner;
import dev.bulla.signing.notation.NotationSigner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Somebody who signs in both formats, and how policies name him. */
record Team(String name, SigningIdentity identity) {
  static Team of(Path directory, String name) {
    return new Team(name, Workshop.identity(directory, name));
  }

  Descriptor cosign(Repository repository, Descriptor image) {
    return new CosignSigner(identity.signer(), Workshop.CLOCK).sign(repository, image);
  }

  Descriptor notation(Repository repository, Descriptor image) {
    return new NotationSigner(identity.signer(), Workshop.CLOCK).sign(repository, image);
  }

  Descriptor attest(Repository repository, Descriptor image, String type) {
    return attest(repository, image, type, "{}");
  }

  Descriptor attest(Repository repository, Descriptor image, String type, String predicate) {
    Statement statement =
        Statement.about(
            image.digest(),
            type,
            Json.parseObject(predicate.getBytes(StandardCharsets.UTF_8), "predicate"));
    return new CosignSigner(identity.signer(), Workshop.CLOCK).attest(repository, image, statement);
  }

  /** In the way of Notation's users: the statement attached, and that signed. */
  List<Descriptor> attach(
      Repository repository, Descriptor image, Statement statement, Map<String, String> pairs) {
    return new NotationSigner(identity.signer(), Workshop.CLOCK)
        .attest(repository, image, statement, pairs, Optional.empty());
  }

  /** Its key, as an entry of {@code keys}. */
  String key() {
    return "{pem: \"%s\"}"
        .formatted(text(KeyFiles.publicKeyPem(identity.signer().verifier())).replace("\n", "\\n"));
  }

  /** Its root, as an entry of {@code notation}. */
  String root(String identities) {
    return "{certificates: [{pem: \"%s\"}], identities: [%s]}"
        .formatted(
            text(Certificates.pem(List.of(identity.root()))).replace("\n", "\\n"), identities);
  }

  static Map<String, String> named(List<Team> teams) {
    Map<String, String> all = new LinkedHashMap<>();
    teams.forEach(team -> all.put(team.name, team.key()));
    return all;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.US_ASCII);
  }
}
