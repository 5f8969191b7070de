package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Shown;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The two kinds of envelopes of the Notary Project. */
public enum EnvelopeFormat {
  JWS("jws", Envelope.JWS, MediaTypes.JOSE),
  COSE("cose", Envelope.COSE, CoseEnvelope.MEDIA_TYPE);

  private final String id;
  private final String record;
  private final String mediaType;

  EnvelopeFormat(String id, String record, String mediaType) {
    this.id = id;
    this.record = record;
    this.mediaType = mediaType;
  }

  /** As it is written in commands and file names: {@code jws}, {@code cose}. */
  public String id() {
    return id;
  }

  /** As records of signatures name it. */
  String record() {
    return record;
  }

  public String mediaType() {
    return mediaType;
  }

  /** The name of a file that holds the signature of {@code file}: {@code app.tar.jws.sig}. */
  public String signatureFile(String file) {
    return file + "." + id + ".sig";
  }

  public static Optional<EnvelopeFormat> named(String id) {
    return Stream.of(values()).filter(one -> one.id.equals(id)).findFirst();
  }

  static Optional<EnvelopeFormat> ofMediaType(String type) {
    return Stream.of(values()).filter(one -> one.mediaType.equals(type)).findFirst();
  }

  /**
   * By the name of a signature file, {@code NAME.jws.sig} or {@code NAME.cose.sig}, in any case of
   * letters, as notation does.
   *
   * @throws BullaException {@link ErrorCode#USAGE} for any other name
   */
  public static EnvelopeFormat ofSignatureFile(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return Stream.of(values())
        .filter(
            one -> lower.endsWith("." + one.id + ".sig") && lower.length() > one.id.length() + 5)
        .findFirst()
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.USAGE,
                "'%s' does not say what kind of signature it holds".formatted(Shown.text(name)),
                "A signature of a file is called NAME.jws.sig or NAME.cose.sig."));
  }
}
