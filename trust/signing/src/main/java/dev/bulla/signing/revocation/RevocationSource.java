package dev.bulla.signing.revocation;

import dev.bulla.core.BullaException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * Where revocation data comes from. What it gives is not believed before it was verified, so that a
 * source need not be trusted; one that gives nothing leaves the state unknown. Implementations are
 * thread-safe.
 */
public interface RevocationSource {
  /**
   * DER of certificate revocation lists.
   *
   * @param point where one is said to be
   */
  List<byte[]> lists(URI point);

  /**
   * DER of OCSP responses.
   *
   * @param responder who is said to know
   * @param request the DER request to send
   */
  List<byte[]> responses(URI responder, byte[] request);

  /** Knows nothing: every certificate that names a responder or list has an unknown state. */
  static RevocationSource none() {
    return supplied(List.of(), List.of());
  }

  /**
   * Gives what it was given, whatever is asked for, so that signatures can be verified without a
   * network. Lists and responses that do not fit a certificate do no harm.
   *
   * @param lists DER of lists
   * @param responses DER of OCSP responses
   */
  static RevocationSource supplied(List<byte[]> lists, List<byte[]> responses) {
    List<byte[]> keptLists = copy(lists);
    List<byte[]> keptResponses = copy(responses);
    return new RevocationSource() {
      @Override
      public List<byte[]> lists(URI point) {
        return copy(keptLists);
      }

      @Override
      public List<byte[]> responses(URI responder, byte[] request) {
        return copy(keptResponses);
      }
    };
  }

  /** Whether bytes are a certificate revocation list in DER; nothing of it is verified. */
  static boolean isList(byte[] der) {
    try {
      RevocationList.parse(der);
      return true;
    } catch (BullaException e) {
      return false;
    }
  }

  /** Whether bytes are an OCSP response in DER; nothing of it is verified. */
  static boolean isResponse(byte[] der) {
    return OcspQuestion.isResponse(der);
  }

  private static List<byte[]> copy(List<byte[]> all) {
    List<byte[]> copies = new ArrayList<>();
    all.forEach(one -> copies.add(one.clone()));
    return List.copyOf(copies);
  }
}
