package dev.bulla.signing.authority;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The Bulla trust policy, read and complete: every key, certificate and trusted root that it names
 * is in memory, so that it can be kept and used by many threads at once. docs/trust-policy.md has
 * the document; {@link AuthorityVerifier} judges by it.
 *
 * @param name and {@code version} of its metadata
 * @param digest of the document's bytes; of what it refers to, nothing
 * @param authorities by name, in the order of the document
 * @param scopes in the order of the document, which decides nothing
 */
public record AuthorityPolicy(
    String name,
    String version,
    Digest digest,
    Map<String, Authority> authorities,
    List<ScopeRule> scopes) {

  public AuthorityPolicy {
    authorities = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(authorities));
    scopes = List.copyOf(scopes);
  }

  /** A scope, and the pattern by which it applies. */
  public record Applied(ScopeRule rule, ScopePattern pattern) {}

  /**
   * Reads a policy from a YAML or JSON file of at most 1 MiB; files that it names are looked for
   * beside it.
   *
   * @param defaultRoot for identities that name no trusted root; asked at most once, and only if
   *     there are any
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND} if there is no such file; {@link
   *     ErrorCode#TRUST_POLICY_INVALID} for everything that is wrong with it or with what it names
   */
  public static AuthorityPolicy load(Path file, DefaultRoot defaultRoot) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(PolicyReader.MAX_BYTES + 1);
      return parse(bytes, file.toString(), PolicyFiles.beside(file), defaultRoot);
    } catch (NoSuchFileException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND, "no such trust policy: " + file, "Check the path.", e);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.TRUST_POLICY_INVALID, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * As {@link #load}, from bytes.
   *
   * @param what names the document in messages; taken for JSON if it ends in .json
   * @param files where keys and certificates that are not written into the document come from
   */
  public static AuthorityPolicy parse(
      byte[] bytes, String what, PolicyFiles files, DefaultRoot defaultRoot) {
    return PolicyReader.read(bytes, what, files, defaultRoot);
  }

  /** The scope that counts for an image: the one with the most specific pattern. */
  public Optional<Applied> forImage(ImageName image) {
    return mostSpecific(rule -> rule.pattern(image));
  }

  /**
   * The same for a file.
   *
   * @param blob as what it is judged; if nobody says, only a pattern for every file applies
   */
  public Optional<Applied> forBlob(Optional<BlobName> blob) {
    return mostSpecific(rule -> rule.pattern(blob));
  }

  private <P extends ScopePattern & Comparable<P>> Optional<Applied> mostSpecific(
      Function<ScopeRule, Optional<P>> pattern) {
    record Found<P>(ScopeRule rule, P pattern) {}
    return scopes.stream()
        .flatMap(rule -> pattern.apply(rule).map(one -> new Found<>(rule, one)).stream())
        .max(Comparator.comparing(Found::pattern))
        .map(one -> new Applied(one.rule, one.pattern));
  }
}
