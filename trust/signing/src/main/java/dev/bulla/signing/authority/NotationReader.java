package dev.bulla.signing.authority;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.keys.Certificates;
import dev.bulla.signing.trust.DistinguishedName;
import dev.bulla.signing.trust.TrustStatement;
import dev.bulla.signing.trust.TrustStore;
import dev.bulla.signing.trust.VerificationLevel;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads what a trust policy says about certificates for Notation's formats: the demands of a
 * Notation trust policy statement, but that nobody can be believed without being authentic.
 */
final class NotationReader {
  private static final int MAX_CERTIFICATES = 200;
  private static final String SUBJECT = "x509.subject:";
  private static final Map<String, Boolean> WHEN = Map.of("always", false, "afterCertExpiry", true);

  private final PolicyFiles files;

  NotationReader(PolicyFiles files) {
    this.files = files;
  }

  Means means(String authority, Fields one) {
    one.only(
        "trustStore",
        "stores",
        "certificates",
        "identities",
        "level",
        "override",
        "verifyTimestamp");
    Map<TrustStore.Name, List<X509Certificate>> certificates =
        one.has("certificates") ? inline(one) : stores(one);
    int count = certificates.values().stream().mapToInt(List::size).sum();
    if (count > MAX_CERTIFICATES) {
      throw one.invalid(
          "certificates", "%d, at most %d are read".formatted(count, MAX_CERTIFICATES));
    }
    if (certificates.keySet().stream().allMatch(name -> name.type().equals("tsa"))) {
      throw one.invalid(
          one.has("certificates") ? "certificates" : "stores",
          "without one of type ca or signingAuthority, so that nobody could sign");
    }
    List<String> identities = one.strings("identities");
    boolean any = identities.equals(List.of("*"));
    return new Means.Notation(
        new TrustStatement(
            authority,
            Set.of("*"),
            level(one),
            PolicyReader.oneOf(
                one,
                "verifyTimestamp",
                one.optionalString("verifyTimestamp").orElse("always"),
                WHEN),
            List.copyOf(certificates.keySet()),
            any,
            any ? List.of() : subjects(one, identities),
            identities),
        certificates);
  }

  private Map<TrustStore.Name, List<X509Certificate>> stores(Fields one) {
    List<String> written = one.strings("stores");
    if (written.isEmpty()) {
      throw one.invalid(
          "stores", "empty, expected TYPE:NAME of stores in trustStore, or give certificates");
    }
    String directory = one.string("trustStore");
    TrustStore store = AuthorityReader.in(one, () -> files.store(directory));
    Map<TrustStore.Name, List<X509Certificate>> all = new LinkedHashMap<>();
    for (String text : written) {
      TrustStore.Name name = AuthorityReader.in(one, () -> TrustStore.Name.parse(text));
      all.put(name, AuthorityReader.in(one, () -> store.certificates(name)));
    }
    return all;
  }

  private Map<TrustStore.Name, List<X509Certificate>> inline(Fields one) {
    if (one.has("trustStore") || one.has("stores")) {
      throw one.invalid("certificates", "given beside trustStore and stores; expected one of them");
    }
    Map<TrustStore.Name, List<X509Certificate>> all = new LinkedHashMap<>();
    for (Fields entry : one.objects("certificates")) {
      entry.only("type", "file", "pem");
      TrustStore.Name name =
          AuthorityReader.in(
              entry,
              () -> TrustStore.Name.parse(entry.optionalString("type").orElse("ca") + ":policy"));
      byte[] pem = AuthorityReader.content(entry, files);
      List<X509Certificate> read =
          AuthorityReader.in(entry, () -> Certificates.parseAll(pem, "certificate"));
      for (X509Certificate certificate : read) {
        if (!TrustStore.mayBeRoot(certificate)) {
          throw new BullaException(
              ErrorCode.TRUST_POLICY_INVALID,
              "%s: '%s' is neither an authority nor self-signed"
                  .formatted(entry.pointer(), certificate.getSubjectX500Principal()),
              "Name the root or intermediate that issued it, and its subject under identities.");
        }
      }
      all.computeIfAbsent(name, ignored -> new ArrayList<>()).addAll(read);
    }
    if (all.isEmpty()) {
      throw one.invalid("certificates", "empty, expected certificates");
    }
    return all;
  }

  private static List<DistinguishedName> subjects(Fields one, List<String> written) {
    if (written.isEmpty() || written.contains("*")) {
      throw one.invalid(
          "identities",
          written.isEmpty()
              ? "empty, expected x509.subject: … or the single *"
              : "a list with * beside others");
    }
    List<DistinguishedName> all = new ArrayList<>();
    for (String text : written) {
      if (!text.startsWith(SUBJECT)) {
        throw one.invalid(
            "identities", "'%s', expected x509.subject: …".formatted(Shown.text(text)));
      }
      all.add(
          AuthorityReader.in(
              one,
              () -> DistinguishedName.parseIdentity(text.substring(SUBJECT.length()).strip())));
    }
    return List.copyOf(all);
  }

  private static VerificationLevel level(Fields one) {
    String written = one.optionalString("level").orElse("strict");
    if (!written.equals("strict") && !written.equals("permissive")) {
      throw new BullaException(
          ErrorCode.TRUST_POLICY_INVALID,
          one.invalid("level", "'%s', expected strict or permissive".formatted(Shown.text(written)))
              .reason(),
          "To accept without belief, write action: audit in the scope.");
    }
    VerificationLevel level = VerificationLevel.named(written).orElseThrow();
    Map<VerificationLevel.Aspect, VerificationLevel.Action> actions =
        new EnumMap<>(VerificationLevel.Aspect.class);
    one.stringMap("override")
        .forEach((aspect, action) -> actions.put(aspect(one, aspect), action(one, action)));
    return level
        .override(actions)
        .orElseThrow(() -> one.invalid("override", "not allowed: only revocation can be skipped"));
  }

  private static VerificationLevel.Aspect aspect(Fields one, String written) {
    return VerificationLevel.Aspect.named(written)
        .filter(aspect ->
            aspect != VerificationLevel.Aspect.INTEGRITY
                && aspect != VerificationLevel.Aspect.AUTHENTICITY)
        .orElseThrow(() ->
            one.invalid(
                "override",
                "of '%s', expected expiry, authenticTimestamp or revocation"
                    .formatted(Shown.text(written))));
  }

  private static VerificationLevel.Action action(Fields one, String written) {
    return VerificationLevel.Action.named(written)
        .orElseThrow(() ->
            one.invalid(
                "override",
                "with '%s', expected enforce, log or skip".formatted(Shown.text(written))));
  }
}
