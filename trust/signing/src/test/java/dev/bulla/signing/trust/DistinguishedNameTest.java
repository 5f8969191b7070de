package dev.bulla.signing.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;

class DistinguishedNameTest {

  @Test
  void readsEscapesAndTheOldNameOfTheState() {
    assertThat(
            DistinguishedName.parseIdentity("C=ZZ, S=A\\, B ,O=\\C3\\BC \\\"x\\\" ").attributes())
        .isEqualTo(Map.of("C", "ZZ", "ST", "A, B", "O", "ü \"x\""));
  }

  @Test
  void aSubjectMayHaveMoreThanAnIdentityDemands() {
    DistinguishedName identity = DistinguishedName.parseIdentity("C=ZZ, ST=L, O=B");
    DistinguishedName subject =
        DistinguishedName.of(new X500Principal("CN=x, OU=y, O=B, ST=L, C=ZZ"));
    assertThat(identity.isSubsetOf(subject)).isTrue();
    assertThat(subject.isSubsetOf(identity)).isFalse();
    assertThat(
            identity.isSubsetOf(DistinguishedName.of(new X500Principal("CN=x, O=b, ST=L, C=ZZ"))))
        .isFalse();
  }
}
