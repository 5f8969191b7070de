package dev.bulla.signing.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.keys.SigningIdentity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a trust policy may say, and how each mistake is answered. */
class AuthorityPolicyTest {
  private static final String BASE =
      """
      apiVersion: bulla.dev/v1
      kind: TrustPolicy
      metadata: {name: acme, version: "1"}
      spec:
        authorities:
          one: {keys: [{pem: "KEY1"}]}
          two: {keys: [{pem: "KEY2"}]}
          corp: {notation: [{certificates: [{pem: "ROOT"}], identities: ["x509.subject: C=DE, ST=BW, O=Acme"]}]}
        scopes:
          - name: all
            images: ["registry.example/**"]
            signatures: [{authorities: [one, two], threshold: 2}]
      """;

  @TempDir static Path temp;
  private static Team one;
  private static Team two;

  @BeforeAll
  static void makeKeys() {
    one = Team.of(temp, "one");
    two = Team.of(temp, "two");
  }

  private static String written(String text) {
    return text.replace("{pem: \"KEY1\"}", one.key())
        .replace("{pem: \"KEY2\"}", two.key())
        .replace("{certificates: [{pem: \"ROOT\"}], identities: [\"*\"]}", one.root("\"*\""))
        .replace(
            "{certificates: [{pem: \"ROOT\"}], identities: [\"x509.subject: C=DE, ST=BW,"
                + " O=Acme\"]}",
            one.root("\"x509.subject: C=DE, ST=BW, O=Acme\""))
        .replace(
            "[{pem: \"ROOT\"}]", one.root("x").replaceAll("^\\{certificates: |, identi.*", ""));
  }

  @Test
  void aWholePolicyIsRead() {
    AuthorityPolicy policy = Policies.parse(written(BASE));
    assertThat(policy.name()).isEqualTo("acme");
    assertThat(policy.authorities()).containsOnlyKeys("one", "two", "corp");
    assertThat(policy.scopes().getFirst().requirements().getFirst().threshold()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "bulla.dev/v1 | bulla.dev/v2 | /apiVersion is 'bulla.dev/v2', expected bulla.dev/v1",
        "kind: TrustPolicy | kind: Policy | /kind is 'Policy', expected TrustPolicy",
        "name: acme | nam: acme | unknown field 'nam' at /metadata",
        "version: \"1\" | version: \"\" | /metadata/version is empty",
        "name: acme, | name: 'a b', | /metadata/name is 'a b', expected letters",
        "scopes: | scope: | unknown field 'scope' at /spec",
        "one: {keys | on e: {keys | /spec/authorities/on e is 'on e', expected letters",
        "one: {keys: | one: {key: | unknown field 'key' at /spec/authorities/one",
        "one: {keys: [{pem: \"KEY1\"}]} | one: {} | the authority 'one' has 0 keys",
        "[{pem: \"KEY1\"}] | [{file: a.pub, pem: x}] | given beside pem",
        "[{pem: \"KEY1\"}] | [{}] | missing, and so is pem",
        "[{pem: \"KEY1\"}] | [{pem: \"nothing\"}] | /spec/authorities/one/keys/0: inline",
        "[{pem: \"KEY1\"}] | [{file: a.pub}] | a policy that comes without files may name none",
        "{pem: \"KEY1\"} | {pem: \"KEY1\"}, 7 | /keys/1 is a number, expected an object",
        "keys: [{pem: \"KEY2\"}] | identities: [{subject: a}] | /issuer is missing, and so is"
            + " issuerPattern",
        "keys: [{pem: \"KEY2\"}] | identities: [{subject: a, subjectPattern: b, issuer: c}] |"
            + " /subject is given beside subjectPattern",
        "keys: [{pem: \"KEY2\"}] | identities: [{subjectPattern: '(', issuer: c}] | is no regular"
            + " expression",
        "keys: [{pem: \"KEY2\"}] | identities: [{subject: a, issuer: c, claims:"
            + " {source-repositry-uri: x}}] | no claim of a certificate",
        "keys: [{pem: \"KEY2\"}] | identities: [{subject: a, issuer: c}] | names no trustedRoot,"
            + " and there is no default",
        "C=DE, ST=BW, O=Acme | C=DE, O=Acme | C, ST and O are mandatory",
        "x509.subject: C | aws.signer: C | expected x509.subject",
        "identities: [\"x509.subject: C=DE, ST=BW, O=Acme\"] | identities: [] | /identities is"
            + " empty",
        "identities: [\"x509.subject: C=DE, ST=BW, O=Acme\"] | identities: [\"*\", b] | with *"
            + " beside others",
        "identities: [\"x509 | level: audit, identities: [\"x509 | expected strict or permissive",
        "identities: [\"x509 | override: {authenticity: log}, identities: [\"x509 | expected"
            + " expiry, authenticTimestamp or revocation",
        "identities: [\"x509 | override: {expiry: skip}, identities: [\"x509 | only revocation can"
            + " be skipped",
        "identities: [\"x509 | verifyTimestamp: never, identities: [\"x509 | /verifyTimestamp is"
            + " 'never'",
        "identities: [\"x509 | trustStore: x, identities: [\"x509 | given beside trustStore",
        "[{pem: \"ROOT\"}] | [] | /certificates is empty",
        "[{pem: \"ROOT\"}] | [{type: tsa, pem: x}] | no certificate in it",
        "certificates: [{pem: \"ROOT\"}] | stores: [\"ca:a\"] | /trustStore is missing",
        "certificates: [{pem: \"ROOT\"}] | trustStore: x, stores: [\"ca:a\"] | may name none",
        "name: all | name: \"\" | /spec/scopes/0/name is ''",
        "images: [\"registry.example/**\"] | images: [] | /images is a list of 0",
        "images: [\"registry.example/**\"] | images: [\"a.b/c\", \"a.b/c\"] | names a pattern"
            + " twice",
        "registry.example/** | nginx | names no registry and repository",
        "registry.example/** | team/app | does not begin with a registry",
        "registry.example/** | a.b/c@sha256:ab | names a digest",
        "registry.example/** | a.b/x** | ** inside a component",
        "registry.example/** | a.b/App | has capital letters in the repository",
        "registry.example/** | a.b//c | has an empty component",
        "registry.example/** | a.b/c: | has no tag after the colon",
        "registry.example/** | a.b/c? | a character that no image name has",
        "signatures: [{authorities: [one, two], threshold: 2}] | action: enforce | demands neither"
            + " signatures nor attestations",
        "signatures: [{authorities: [one, two], threshold: 2}] | signatures: [] | /signatures is a"
            + " list of 0",
        "threshold: 2 | threshold: 3 | /threshold is 3, expected 1 to 2",
        "threshold: 2 | threshold: 0 | /threshold is 0, expected 1 to 2",
        "threshold: 2 | treshold: 2 | unknown field 'treshold'",
        "threshold: 2 | maximumAge: soon | expected a number and s, m, h or d",
        "threshold: 2 | maximumAge: 0s | expected 1s to 36500d",
        "[one, two] | [one, three] | 'three', who is no authority of this policy",
        "[one, two] | [one, one] | names 'one' twice",
        "[one, two] | [] | /authorities is empty",
        "KEY2 | KEY1 | the authorities 'one' and 'two' share the key",
        "signatures: [{authorities: [one, two], threshold: 2}] | attestations: [{type: vlun,"
            + " authorities: [one]}] | neither a known name nor a URI",
        "threshold: 2 | annotations: {} | a map of 0 pairs",
        "threshold: 2 | annotations: {stage: 1} | /annotations",
        "signatures: [{authorities: [one, two], threshold: 2}] | attestations: [{type:"
            + " 'https://sigstore.dev/cosign/sign/v1', authorities: [one]}] | the type of a"
            + " signature",
      })
  void aMistakeIsRefusedWithItsPlace(String from, String to, String message) {
    assertThat(BASE).contains(from);
    assertThatThrownBy(() ->
            Policies.parse(
                written(BASE.replaceFirst("\\Q" + from + "\\E", Matcher.quoteReplacement(to)))))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TRUST_POLICY_INVALID))
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "requireLog: true | whose signatures no log can have",
        "action: block | /action is 'block', expected one of: audit, enforce, refuse",
        "algorithms: [rsa] | /algorithms is 'rsa'",
        "algorithms: [] | which would accept none",
        "minimumRsaBits: 1024 | expected 2048 to 8192",
        "actoin: audit | unknown field 'actoin'",
        "requireTimestamp: 1 | expected true or false",
        "action: refuse | which refuses whatever is signed",
        "attestations: [{type: vuln, authorities: [one], name: signatures}] | another demand of the"
            + " scope has already",
      })
  void whatAScopeDemandsIsChecked(String added, String message) {
    assertThatThrownBy(
            () -> Policies.parse(written(BASE.replace("name: all", "name: all\n      " + added))))
        .isInstanceOf(BullaException.class)
        .hasMessageContaining(message);
  }

  @Test
  void authoritiesUnderOneRootMustNameDifferentSubjects() {
    String text =
        BASE.replace(
                "two: {keys: [{pem: \"KEY2\"}]}",
                "two: {notation: ["
                    + one.root("\"x509.subject: C=DE, ST=BW, O=Acme, OU=Two\"")
                    + "]}")
            .replace("[one, two]", "[corp, two]");
    assertThatThrownBy(() -> Policies.parse(written(text)))
        .hasMessageContaining("'corp' and 'two' share signers under the certificate");
    assertThat(
            Policies.parse(
                    written(
                        text.replace("O=Acme\"]}", "O=Acme, OU=One\"]}")
                            .replace("O=Acme, OU=Two", "O=Other")))
                .scopes())
        .hasSize(1);
  }

  @Test
  void theMostSpecificPatternCountsWhateverItsPlace() {
    List<String> patterns =
        List.of(
            "**",
            "*/team/app",
            "registry.example/**",
            "registry.example/*/app",
            "registry.example/team/**",
            "registry.example/team/*",
            "registry.example/team/a*",
            "registry.example/team/app",
            "registry.example/team/app:*",
            "registry.example/team/app:v*",
            "registry.example/team/app:v1*",
            "registry.example/team/app:v1");
    for (int i = 0; i < patterns.size(); i++) {
      List<String> shuffled = new ArrayList<>(patterns.subList(0, i + 1));
      Collections.reverse(shuffled);
      Collections.rotate(shuffled, i / 2);
      assertThat(applied(shuffled, "Registry.Example:443/team/app:v1")).isEqualTo(patterns.get(i));
    }
    String digest = "@sha256:" + "0".repeat(64);
    assertThat(applied(patterns, "registry.example/team/app:v1" + digest))
        .isEqualTo("registry.example/team/app");
    assertThat(applied(List.of("docker.io/library/*"), "nginx")).isEqualTo("docker.io/library/*");
  }

  private static String applied(List<String> patterns, String image) {
    String[] scopes =
        patterns.stream()
            .map(one ->
                "{name: s%d, images: [\"%s\"], action: audit}"
                    .formatted(patterns.indexOf(one), one))
            .toArray(String[]::new);
    return Policies.parse(Policies.of(Stream.of("one: {keys: [" + one.key() + "]}"), scopes))
        .forImage(ImageName.of(Reference.parse(image)))
        .orElseThrow()
        .pattern()
        .text();
  }

  @ParameterizedTest
  @CsvSource({
    "registry.example/*/app, registry.example/team-*, false",
    "registry.example/a*, registry.example/*a, false",
    "registry.example/a*/x, registry.example/b*/x, false",
    "registry.example/*b/x, registry.example/*c/x, false",
    "registry.example/*b*/x, registry.example/*c*/x, true",
    "registry.example/app:v*, registry.example/app:w*, false",
    "registry.example/app:*v, registry.example/app:*w, false",
    "registry.example/app:*v*, registry.example/app:*w*, true",
    "registry.example/app, REGISTRY.example:443/app, true",
  })
  void equallySpecificPatternsThatShareAnImageAreRefused(
      String first, String second, boolean ambiguous) {
    String text =
        Policies.of(
            Stream.of("one: {keys: [" + one.key() + "]}"),
            "{name: a, images: [\"%s\"], action: audit}".formatted(first),
            "{name: b, images: [\"%s\"], action: audit}".formatted(second));
    if (ambiguous) {
      assertThatThrownBy(() -> Policies.parse(text)).hasMessageContaining("are ambiguous");
    } else {
      assertThat(Policies.parse(text).scopes()).hasSize(2);
    }
  }

  @Test
  void filesAreLookedForBesideThePolicy() throws Exception {
    Path directory = Files.createDirectories(temp.resolve("policy/keys"));
    Files.copy(SigningIdentity.publicKeyFile(temp.resolve("one")), directory.resolve("one.pub"));
    Path file = temp.resolve("policy/trust.yaml");
    String text =
        Policies.of(
            Stream.of("one: {keys: [{file: keys/one.pub}]}"),
            "{name: a, images: [\"**\"], signatures: [{authorities: [one]}]}");
    Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    assertThat(AuthorityPolicy.load(file, DefaultRoot.none()).authorities()).containsKey("one");
    Files.writeString(file, text.replace("one.pub", "two.pub"));
    assertThatThrownBy(() -> AuthorityPolicy.load(file, DefaultRoot.none()))
        .hasMessageContaining("two.pub cannot be read");
    Files.createSymbolicLink(directory.resolve("own.pub"), Path.of("/dev/stdin"));
    for (String own : List.of("own.pub", "/proc/self/fd/0", "../../x/../../dev/stdin")) {
      Files.writeString(file, text.replace("one.pub", own).replace("keys//proc", "/proc"));
      assertThatThrownBy(() -> AuthorityPolicy.load(file, DefaultRoot.none()))
          .as(own)
          .hasMessageContaining(own.contains("x/..") ? "cannot be read" : "another file in each");
    }
    assertThatThrownBy(() -> AuthorityPolicy.load(temp.resolve("none"), DefaultRoot.none()))
        .hasMessageContaining("no such trust policy");
  }
}
