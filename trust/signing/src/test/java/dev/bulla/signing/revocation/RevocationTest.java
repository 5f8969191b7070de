package dev.bulla.signing.revocation;

import static dev.bulla.signing.revocation.RevocableChain.DAY;
import static dev.bulla.signing.revocation.RevocableChain.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.signing.revocation.RevocableChain.By;
import dev.bulla.signing.revocation.RevocableChain.Contents;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.junit.jupiter.api.Test;

class RevocationTest {
  private static final RevocableChain CHAIN = RevocableChain.shared();
  private static final Instant TOMORROW = NOW.plus(DAY);
  private static final CertificateStatus REVOKED =
      new RevokedStatus(Date.from(NOW.minus(DAY)), CRLReason.keyCompromise);

  @Test
  void aResponderIsBelieved() {
    assertGood(responses(CHAIN.response(CertificateStatus.GOOD, TOMORROW, By.AUTHORITY)));
    assertRevoked(responses(CHAIN.response(REVOKED, TOMORROW, By.AUTHORITY)));
  }

  @Test
  void onlyAResponderThatTheAuthorityAppointedIsBelieved() {
    assertGood(responses(CHAIN.response(CertificateStatus.GOOD, TOMORROW, By.APPOINTED)));
    assertUnknown(responses(CHAIN.response(CertificateStatus.GOOD, TOMORROW, By.NOT_APPOINTED)));
    RevocableChain stranger = new RevocableChain();
    byte[] forged =
        stranger.response(
            CertificateStatus.GOOD,
            TOMORROW,
            By.AUTHORITY,
            CHAIN.leaf().getSerialNumber(),
            Optional.empty());
    assertUnknown(responses(forged));
  }

  @Test
  void aResponseThatIsStaleOrUndecidedOrAboutAnotherDecidesNothing() {
    assertUnknown(responses(CHAIN.response(CertificateStatus.GOOD, NOW, By.AUTHORITY)));
    assertUnknown(responses(CHAIN.response(new UnknownStatus(), TOMORROW, By.AUTHORITY)));
    assertUnknown(
        responses(
            CHAIN.response(
                CertificateStatus.GOOD, TOMORROW, By.AUTHORITY, BigInteger.TEN, Optional.empty())));
    assertUnknown(responses());
    assertUnknown(responses("nonsense".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
  }

  @Test
  void whereNobodyAnswersTheListDecides() {
    assertGood(lists(CHAIN.list(Contents.empty())));
    assertRevoked(lists(CHAIN.list(Contents.revoked())));
    RevocationSource both =
        RevocationSource.supplied(
            List.of(CHAIN.list(Contents.revoked())),
            List.of(CHAIN.response(CertificateStatus.GOOD, TOMORROW, By.AUTHORITY)));
    assertGood(both);
  }

  @Test
  void aListThatIsStaleOrOfAnotherOrForOthersDecidesNothing() {
    assertUnknown(lists());
    assertUnknown(lists(CHAIN.list(Contents.empty().until(NOW))));
    assertUnknown(lists(new RevocableChain().list(Contents.empty())));
    assertUnknown(lists(CHAIN.list(Contents.empty().forManyIssuers())));
    assertUnknown(lists(CHAIN.list(Contents.empty().changesOf(6, 8))));
  }

  @Test
  void whereAListRefersToChangesTheyCount() {
    byte[] whole = CHAIN.list(Contents.empty().referringToChanges());
    assertUnknown(at(whole));
    assertGood(at(whole, CHAIN.list(Contents.empty().changesOf(7, 8))));
    assertRevoked(at(whole, CHAIN.list(Contents.revoked().changesOf(7, 8))));
    assertUnknown(at(whole, CHAIN.list(Contents.revoked().changesOf(8, 9))));
    assertUnknown(at(whole, CHAIN.list(Contents.empty().changesOf(6, 7))));
    byte[] held =
        CHAIN.list(Contents.empty().because(CRLReason.certificateHold).referringToChanges());
    assertGood(
        at(held, CHAIN.list(Contents.empty().because(CRLReason.removeFromCRL).changesOf(7, 8))));
  }

  @Test
  void aSignatureThatIsProvenOlderThanTheInvalidityIsNotTouched() {
    Instant invalid = NOW.minus(DAY.multipliedBy(2));
    for (RevocationSource source :
        List.of(
            lists(CHAIN.list(Contents.revoked().invalidSince(invalid))),
            responses(
                CHAIN.response(
                    REVOKED,
                    TOMORROW,
                    By.AUTHORITY,
                    CHAIN.leaf().getSerialNumber(),
                    Optional.of(invalid))))) {
      assertThat(state(source, Optional.of(invalid.minusSeconds(1))))
          .isInstanceOf(RevocationState.Good.class);
      assertThat(state(source, Optional.of(invalid))).isInstanceOf(RevocationState.Revoked.class);
      assertThat(state(source, Optional.empty())).isInstanceOf(RevocationState.Revoked.class);
    }
  }

  @Test
  void aCertificateThatNamesNobodyCannotBeRevoked() {
    RevocationSource nobody = new Recorded(Map.of(), new ArrayList<>());
    assertThat(new Revocation(nobody, NOW).state(CHAIN.root(), CHAIN.root(), Optional.empty()))
        .isEqualTo(new RevocationState.NotRevocable());
  }

  @Test
  void theAddressesOfTheCertificateAreAsked() {
    List<URI> asked = new ArrayList<>();
    new Revocation(new Recorded(Map.of(), asked), NOW)
        .state(CHAIN.leaf(), CHAIN.root(), Optional.empty());
    assertThat(asked)
        .containsExactly(URI.create(RevocableChain.RESPONDER), URI.create(RevocableChain.POINT));
  }

  private static RevocationSource responses(byte[]... all) {
    return RevocationSource.supplied(List.of(), List.of(all));
  }

  private static RevocationSource lists(byte[]... all) {
    return RevocationSource.supplied(List.of(all), List.of());
  }

  private static RevocationSource at(byte[] whole, byte[]... changes) {
    return new Recorded(
        Map.of(RevocableChain.POINT, List.of(whole), RevocableChain.CHANGES, List.of(changes)),
        new ArrayList<>());
  }

  private static void assertGood(RevocationSource source) {
    assertThat(state(source, Optional.empty())).isInstanceOf(RevocationState.Good.class);
  }

  private static void assertRevoked(RevocationSource source) {
    assertThat(state(source, Optional.empty())).isInstanceOf(RevocationState.Revoked.class);
  }

  private static void assertUnknown(RevocationSource source) {
    assertThat(state(source, Optional.empty())).isInstanceOf(RevocationState.Unknown.class);
  }

  private static RevocationState state(RevocationSource source, Optional<Instant> signed) {
    return new Revocation(source, NOW).state(CHAIN.leaf(), CHAIN.root(), signed);
  }

  /** Lists by address, and who was asked. */
  private record Recorded(Map<String, List<byte[]>> lists, List<URI> asked)
      implements RevocationSource {
    @Override
    public List<byte[]> lists(URI point) {
      asked.add(point);
      return lists.getOrDefault(point.toString(), List.of());
    }

    @Override
    public List<byte[]> responses(URI responder, byte[] request) {
      asked.add(responder);
      return List.of();
    }
  }
}
