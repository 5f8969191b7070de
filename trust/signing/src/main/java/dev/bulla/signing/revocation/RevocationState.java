package dev.bulla.signing.revocation;

import java.time.Instant;

/** What is known of a certificate's revocation. */
public sealed interface RevocationState {
  /** The certificate names nobody who could say that it was revoked. */
  record NotRevocable() implements RevocationState {}

  /**
   * Not revoked.
   *
   * @param source who says so
   */
  record Good(String source) implements RevocationState {}

  /**
   * Revoked.
   *
   * @param since the date that the authority gives
   */
  record Revoked(Instant since, String source) implements RevocationState {}

  /**
   * Nobody who may say has said.
   *
   * @param why the last thing that went wrong
   */
  record Unknown(String why) implements RevocationState {}
}
