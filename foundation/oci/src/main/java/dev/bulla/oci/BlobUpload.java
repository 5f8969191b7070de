package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One upload session (OCI distribution specification, "Pushing blobs"): a small blob in one {@code
 * PUT}, a large one in chunks. After a broken connection the session is asked how far it got and
 * continues there; a session that is gone is started anew. Not thread-safe.
 */
final class BlobUpload implements AutoCloseable {
  private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-([0-9]{1,18})");

  private final Transport transport;
  private final URI uploads;
  private final Call template;
  private final Descriptor blob;
  private final Cursor source;
  private long chunk;
  private URI location;
  private long offset;

  /**
   * @param template a pushing call of the repository whose method and address are replaced
   * @param opened the 202 answer that started the session
   */
  BlobUpload(
      Transport transport,
      Call template,
      Descriptor blob,
      BlobSource source,
      long chunk,
      Response opened) {
    this.transport = transport;
    this.uploads = template.uri();
    this.template = template;
    this.blob = blob;
    this.source = new Cursor(source);
    this.chunk = chunk;
    this.location = begun(opened);
  }

  void run() {
    for (int attempt = 0; ; attempt++) {
      long before = offset;
      Optional<Response> answer = Optional.empty();
      IOException broken = new IOException("the registry did not take the bytes");
      try {
        answer = Optional.of(transfer());
        if (answer.get().status() == 201) {
          ResumingDownload.closeQuietly(answer.get().body());
          return;
        }
      } catch (IOException e) {
        broken = e;
      }
      boolean again =
          answer.isEmpty() || Transport.isTransient(answer.get()) || isOutOfStep(answer.get());
      if (offset > before) {
        attempt = 0;
      }
      if (!again || attempt >= transport.backoff().retries()) {
        if (answer.isPresent()) {
          throw Failures.of(template, answer.get(), ErrorCode.UPLOAD_NOT_FOUND);
        }
        throw Failures.unreachable(template, broken, attempt + 1);
      }
      answer.ifPresent(Response::discard);
      source.close();
      Backoff.pause(
          answer.flatMap(Transport::retryAfter).orElse(transport.backoff().delay(attempt)));
      if (askOffset()) {
        return;
      }
    }
  }

  /** 404: the session is gone; 416: it is at another offset than we think. */
  private static boolean isOutOfStep(Response response) {
    return response.status() == 404 || response.status() == 416;
  }

  /** Sends what is missing; the answer that ended it, 201 if all is well. */
  private Response transfer() throws IOException {
    if (offset == 0 && blob.size() <= chunk) {
      return send("PUT", closing(), 0, blob.size(), false);
    }
    while (offset < blob.size()) {
      long length = Math.min(chunk, blob.size() - offset);
      Response response = send("PATCH", location, offset, length, true);
      if (response.status() != 202) {
        return response;
      }
      response.discard();
      location = next(response);
      long now = end(response).orElse(offset + length);
      if (now <= offset) {
        throw new BullaException(
            ErrorCode.REGISTRY_PROTOCOL,
            "%s: the registry took %d bytes and is still at offset %d"
                .formatted(template.what(), length, now));
      }
      offset = now;
    }
    return send("PUT", closing(), offset, 0, false);
  }

  private Response send(String method, URI target, long from, long length, boolean range)
      throws IOException {
    Call call =
        template
            .to(method, target)
            .header("Content-Type", "application/octet-stream")
            .body(new Body(source, from, length, from + length == blob.size()));
    if (range) {
      call = call.header("Content-Range", from + "-" + (from + length - 1));
    }
    return transport.sendOnce(call);
  }

  /** Brings offset and location up to date; true if the blob is complete in the registry. */
  private boolean askOffset() {
    Call status = Call.push("GET", location, template.what(), template.repository());
    Response response = transport.send(status);
    response.discard();
    if (response.status() == 204 || response.status() == 202) {
      location = next(response);
      offset = end(response).orElse(0L);
      return false;
    }
    offset = 0;
    if (isStored()) {
      return true;
    }
    location = begun(transport.send(template.to("POST", uploads)));
    return false;
  }

  private boolean isStored() {
    URI address = uploads.resolve("../" + blob.digest());
    Call head = Call.push("HEAD", address, template.what(), template.repository());
    Response response = transport.send(head);
    response.discard();
    return response.status() == 200;
  }

  private URI begun(Response response) {
    if (response.status() != 202) {
      throw Failures.of(template, response);
    }
    response.discard();
    offset = 0;
    response
        .header("OCI-Chunk-Min-Length")
        .filter(text -> text.matches("[0-9]{1,10}"))
        .ifPresent(text -> chunk = Math.max(chunk, Long.parseLong(text)));
    return response
        .header("Location")
        .map(text -> Transport.resolve(template, text))
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.REGISTRY_PROTOCOL,
                template.what() + ": the registry opened an upload without a Location"));
  }

  private URI next(Response response) {
    return response
        .header("Location")
        .map(text -> Transport.resolve(template, text))
        .orElse(location);
  }

  /**
   * Where the next byte goes. A registry with nothing says {@code 0-0}, just as one with a single
   * byte does: since chunks are larger than a byte, it means nothing.
   */
  private Optional<Long> end(Response response) {
    Matcher range = RANGE.matcher(response.header("Range").orElse(""));
    if (!range.matches()) {
      return Optional.empty();
    }
    long last = Long.parseLong(range.group(1));
    if (last >= blob.size() && last > 0) {
      throw new BullaException(
          ErrorCode.REGISTRY_PROTOCOL,
          "%s: the registry claims to hold bytes 0-%d of %d"
              .formatted(template.what(), last, blob.size()));
    }
    return Optional.of(last == 0 ? 0 : last + 1);
  }

  @Override
  public void close() {
    source.close();
  }

  private URI closing() {
    String text = location.toString();
    String separator = location.getRawQuery() == null ? "?" : "&";
    return URI.create(text + separator + "digest=" + blob.digest());
  }
}
