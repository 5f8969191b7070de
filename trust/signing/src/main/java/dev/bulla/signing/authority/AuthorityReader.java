package dev.bulla.signing.authority;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.signing.cosign.TrustedSigner;
import dev.bulla.signing.sigstore.CertificateClaim;
import dev.bulla.signing.sigstore.SignerIdentity;
import dev.bulla.signing.sigstore.TextPattern;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Reads authorities, and every file that they name. Not thread-safe. */
final class AuthorityReader {
  private static final int MAX_MEANS = 32;
  private static final Map<String, Digest.Algorithm> HASHES =
      Map.of(
          "sha256", Digest.Algorithm.SHA256,
          "sha384", Digest.Algorithm.SHA384,
          "sha512", Digest.Algorithm.SHA512);

  private final PolicyFiles files;
  private final DefaultRoot defaultRoot;
  private final Map<String, TrustedRoot> roots = new HashMap<>();

  AuthorityReader(PolicyFiles files, DefaultRoot defaultRoot) {
    this.files = files;
    this.defaultRoot = defaultRoot;
  }

  Authority authority(String name, Fields fields) {
    fields.only("description", "keys", "identities", "notation");
    PolicyReader.text(fields, "description");
    List<Means> means = new ArrayList<>();
    fields.objects("keys").forEach(one -> means.add(key(one)));
    fields.objects("identities").forEach(one -> means.add(identity(one)));
    NotationReader notation = new NotationReader(files);
    fields.objects("notation").forEach(one -> means.add(notation.means(name, one)));
    if (means.isEmpty() || means.size() > MAX_MEANS) {
      throw new BullaException(
          ErrorCode.TRUST_POLICY_INVALID,
          "the authority '%s' has %d keys, identities and notation entries, expected 1 to %d"
              .formatted(name, means.size(), MAX_MEANS));
    }
    return new Authority(name, means);
  }

  private Means key(Fields one) {
    one.only("file", "pem", "second", "hash", "trustedRoot");
    String source = one.optionalString("file").orElse("inline");
    byte[] pem = content(one, files);
    PublicKeyVerifier key = in(one, () -> PublicKeyVerifier.ofPem(pem, source));
    Optional<Digest.Algorithm> hash =
        one.optionalString("hash").map(written -> PolicyReader.oneOf(one, "hash", written, HASHES));
    Optional<PublicKeyVerifier> second = one.optionalObject("second").map(this::second);
    if (second.isPresent() && (hash.isPresent() || one.has("trustedRoot"))) {
      throw one.invalid(
          "second", "given beside hash or trustedRoot, which dual signatures have not");
    }
    second.ifPresent(other -> in(one, () -> new TrustedSigner.Pair(key, other)));
    return new Means.Key(
        key, source, second, hash, one.optionalString("trustedRoot").map(path -> root(one, path)));
  }

  private PublicKeyVerifier second(Fields one) {
    one.only("file", "pem");
    byte[] pem = content(one, files);
    return in(one, () -> PublicKeyVerifier.ofPem(pem, one.optionalString("file").orElse("inline")));
  }

  /** The bytes of {@code file} or {@code pem}, exactly one of which must be there. */
  static byte[] content(Fields one, PolicyFiles files) {
    Optional<String> file = PolicyReader.text(one, "file");
    Optional<String> pem = one.optionalString("pem");
    if (file.isPresent() == pem.isPresent()) {
      throw one.invalid(
          "file",
          pem.isPresent()
              ? "given beside pem; expected one of the two"
              : "missing, and so is pem; expected one of the two");
    }
    return file.map(path -> in(one, () -> files.read(path)))
        .orElseGet(() -> pem.orElse("").getBytes(StandardCharsets.UTF_8));
  }

  private Means identity(Fields one) {
    one.only("subject", "subjectPattern", "issuer", "issuerPattern", "claims", "trustedRoot");
    SignerIdentity identity = new SignerIdentity(text(one, "subject"), text(one, "issuer"));
    for (Map.Entry<String, String> claim : one.stringMap("claims").entrySet()) {
      identity =
          identity.withClaim(
              in(one, () -> CertificateClaim.named(claim.getKey())), claim.getValue());
    }
    TrustedRoot root =
        one.has("trustedRoot")
            ? root(one, one.string("trustedRoot"))
            : roots.computeIfAbsent("", ignored -> in(one, defaultRoot::get));
    if (root.authorities().isEmpty() || root.logs().isEmpty()) {
      throw one.invalid(
          "trustedRoot",
          "a root without certificate authorities or without logs, which can prove"
              + " no identity");
    }
    return new Means.Keyless(identity, root);
  }

  private static TextPattern text(Fields one, String field) {
    Optional<String> exact = PolicyReader.text(one, field);
    Optional<String> pattern = PolicyReader.text(one, field + "Pattern");
    if (exact.isPresent() == pattern.isPresent()) {
      throw one.invalid(
          field,
          exact.isPresent()
              ? "given beside %sPattern; expected one of the two".formatted(field)
              : ("missing, and so is %sPattern; an identity is a subject and who vouched for it,"
                      + " for every issuer may name every subject")
                  .formatted(field));
    }
    return pattern
        .map(expression -> in(one, () -> TextPattern.matchingWhole(expression)))
        .orElseGet(() -> TextPattern.exactly(exact.orElse("")));
  }

  private TrustedRoot root(Fields one, String path) {
    return roots.computeIfAbsent(
        "file " + path, ignored -> in(one, () -> TrustedRoot.parse(files.read(path))));
  }

  /** What goes wrong while an entry is read is said with its place. */
  static <T> T in(Fields one, Supplier<T> step) {
    try {
      return step.get();
    } catch (BullaException e) {
      throw new BullaException(
          ErrorCode.TRUST_POLICY_INVALID,
          "%s: %s".formatted(Shown.text(one.pointer()), e.reason()),
          e.nextStep(),
          e);
    }
  }
}
