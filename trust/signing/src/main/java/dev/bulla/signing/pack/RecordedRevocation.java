package dev.bulla.signing.pack;

import dev.bulla.signing.revocation.RevocationSource;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** Passes questions about revocation on and keeps the answers. Thread-safe. */
public final class RecordedRevocation implements RevocationSource {
  private final RevocationSource source;
  private final List<byte[]> lists = new ArrayList<>();
  private final List<byte[]> responses = new ArrayList<>();

  public RecordedRevocation(RevocationSource source) {
    this.source = source;
  }

  @Override
  public List<byte[]> lists(URI point) {
    List<byte[]> found = source.lists(point);
    keep(lists, found);
    return found;
  }

  @Override
  public List<byte[]> responses(URI responder, byte[] request) {
    List<byte[]> found = source.responses(responder, request);
    keep(responses, found);
    return found;
  }

  /** DER of every list that was given, in order. */
  public synchronized List<byte[]> lists() {
    return List.copyOf(lists);
  }

  /** DER of every OCSP response that was given, in order. */
  public synchronized List<byte[]> responses() {
    return List.copyOf(responses);
  }

  private synchronized void keep(List<byte[]> kept, List<byte[]> found) {
    for (byte[] one : found) {
      if (kept.stream().noneMatch(known -> java.util.Arrays.equals(known, one))) {
        kept.add(one.clone());
      }
    }
  }
}
