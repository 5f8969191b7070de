package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.statement.Statement;
import dev.bulla.oci.Repository;
import dev.bulla.oci.WholeImage;
import dev.bulla.signing.cosign.CosignSigner;
import dev.bulla.signing.cosign.DualSigner;
import dev.bulla.signing.notation.NotationSigner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * How one image is signed, with all its parts if it is meant as a whole.
 *
 * @param notation signs in Notation's format, if that is wanted
 * @param cosign signs in Cosign's format, if that is wanted
 * @param dual signs with two keys at once, if that is wanted; then nothing else signs
 * @param elsewhere where signatures in Cosign's formats go, if not beside the image
 * @param pairs to sign with each manifest
 * @param life how long a signature in Notation's format may be accepted
 * @param attested what to attest instead of signing
 */
record ImageSigning(
    Optional<NotationSigner> notation,
    Optional<CosignSigner> cosign,
    Optional<DualSigner> dual,
    Optional<Repository> elsewhere,
    Map<String, String> pairs,
    Optional<Duration> life,
    Optional<Attested> attested) {

  /**
   * What is said of every manifest.
   *
   * @param type a URI
   */
  record Attested(String type, JsonNode predicate) {}

  /** The referrers that were made of one manifest. */
  record Signed(WholeImage.Part part, List<Descriptor> made) {}

  /** Signs the children at once, the root after them: whoever sees the root signed has all. */
  List<Signed> sign(Repository target, List<WholeImage.Part> parts) {
    List<Signed> all = new ArrayList<>();
    WholeImage.Part root = parts.getFirst();
    List<WholeImage.Part> children = parts.subList(1, parts.size()).reversed();
    children.forEach(part -> requireThere(target, part));
    for (var outcome : Batch.run(children, part -> one(target, part), ignored -> {})) {
      all.add(
          switch (outcome) {
            case Batch.Outcome.Done<WholeImage.Part, Signed>(var ignored, Signed signed) -> signed;
            case Batch.Outcome.Failed<WholeImage.Part, Signed>(var ignored, var why) -> throw why;
          });
    }
    all.add(one(target, root));
    return all;
  }

  /** An index may name what its registry does not have: nobody can have looked at that. */
  private static void requireThere(Repository target, WholeImage.Part part) {
    Descriptor named = part.descriptor();
    if (target.resolve(named.digest().toString()).isEmpty()) {
      throw new BullaException(
          ErrorCode.MANIFEST_NOT_FOUND,
          "%s: the index names %s, %s, which is not there"
              .formatted(target.name(), part.name(), named.digest()),
          "Bring the whole image here, or sign the index without --recursive.");
    }
  }

  private Signed one(Repository target, WholeImage.Part part) {
    Descriptor subject = part.descriptor().bare();
    Repository beside = elsewhere.orElse(target);
    List<Descriptor> made = new ArrayList<>();
    if (attested.isPresent()) {
      Statement statement =
          Statement.about(subject.digest(), attested.get().type, attested.get().predicate);
      notation.ifPresent(
          signer -> made.addAll(signer.attest(target, subject, statement, pairs, life)));
      cosign.ifPresent(signer -> made.add(signer.attest(beside, subject, statement)));
      dual.ifPresent(signer -> made.add(signer.attest(beside, subject, statement)));
      return new Signed(part, made);
    }
    notation.ifPresent(signer -> made.add(signer.sign(target, subject, pairs, life)));
    cosign.ifPresent(signer -> made.add(signer.sign(beside, subject, pairs)));
    dual.ifPresent(signer -> made.add(signer.sign(beside, subject, pairs)));
    return new Signed(part, made);
  }
}
