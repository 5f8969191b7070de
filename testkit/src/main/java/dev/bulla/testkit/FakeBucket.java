package dev.bulla.testkit;

import dev.bulla.testkit.FakeS3.Call;
import dev.bulla.testkit.FakeS3.Reply;
import java.io.ByteArrayOutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The objects of a {@link FakeS3} and what its operations do with them. */
final class FakeBucket {
  private static final int PAGE = 3;
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");
  private static final Pattern PART =
      Pattern.compile("<PartNumber>(\\d+)</PartNumber>|<ETag>([^<]+)</ETag>");

  private final long smallestPart;
  private final TreeMap<String, Item> items = new TreeMap<>();
  private final TreeMap<String, Multipart> multiparts = new TreeMap<>();
  private TreeMap<String, Item> listed = items;
  private int next;

  FakeBucket(long smallestPart) {
    this.smallestPart = smallestPart;
  }

  private record Item(byte[] bytes, String etag, Instant modified, Map<String, String> metadata) {}

  private record Multipart(
      String key, Instant begun, Map<String, String> metadata, TreeMap<Integer, byte[]> parts) {}

  synchronized void lag(boolean lagging) {
    listed = lagging ? new TreeMap<>(items) : items;
  }

  synchronized List<String> keys() {
    List<String> all = new ArrayList<>(items.keySet());
    multiparts.values().forEach(m -> all.add("multipart " + m.key()));
    return all;
  }

  synchronized void damage(String key) {
    Item item = items.get(key);
    if (item == null) {
      throw new IllegalArgumentException("there is no " + key);
    }
    byte[] bytes = item.bytes().clone();
    bytes[bytes.length / 2] ^= 1;
    items.put(key, new Item(bytes, item.etag(), item.modified(), item.metadata()));
  }

  synchronized Reply answer(Call call) {
    return switch (call.operation()) {
      case "PutObject" -> put(call);
      case "CopyObject" -> copy(call);
      case "GetObject" -> get(call);
      case "HeadObject" -> head(call);
      case "DeleteObject" -> {
        items.remove(call.key());
        yield Reply.of(204, Map.of(), new byte[0]);
      }
      case "ListObjectsV2" -> list(call);
      case "CreateMultipartUpload" -> create(call);
      case "UploadPartCopy" -> copyPart(call);
      case "CompleteMultipartUpload" -> complete(call);
      case "AbortMultipartUpload" ->
          multiparts.remove(call.query().get("uploadId")) == null
              ? Reply.error(404, "NoSuchUpload")
              : Reply.of(204, Map.of(), new byte[0]);
      case "ListMultipartUploads" -> listMultiparts(call);
      default -> Reply.error(501, "NotImplemented");
    };
  }

  private Reply put(Call call) {
    Item there = items.get(call.key());
    String wanted = call.header("if-match");
    if (!wanted.isEmpty() && there == null) {
      return Reply.error(404, "NoSuchKey");
    }
    boolean refused =
        there != null
            && (call.header("if-none-match").equals("*")
                || !wanted.isEmpty() && !wanted.equals(there.etag()));
    return refused
        ? Reply.error(412, "PreconditionFailed")
        : stored(call.key(), call.body(), metadata(call));
  }

  private Reply stored(String key, byte[] bytes, Map<String, String> metadata) {
    Item item = new Item(bytes, '"' + md5(bytes) + '"', Instant.now(), metadata);
    items.put(key, item);
    return Reply.of(200, Map.of("ETag", item.etag()), new byte[0]);
  }

  private Reply copy(Call call) {
    Item source = items.get(source(call));
    if (source == null) {
      return Reply.error(404, "NoSuchKey");
    }
    Reply stored = stored(call.key(), source.bytes(), metadata(call));
    return xml("CopyObjectResult", "<ETag>" + stored.headers().get("ETag") + "</ETag>");
  }

  private Reply get(Call call) {
    Item item = items.get(call.key());
    if (item == null) {
      return Reply.error(404, "NoSuchKey");
    }
    Matcher range = RANGE.matcher(call.header("range"));
    if (!range.matches()) {
      return Reply.of(200, headers(item), item.bytes());
    }
    int length = item.bytes().length;
    int first = Integer.parseInt(range.group(1));
    if (first >= length) {
      return Reply.error(416, "InvalidRange");
    }
    int last =
        range.group(2).isEmpty()
            ? length - 1
            : (int) Math.min(Long.parseLong(range.group(2)), length - 1);
    Map<String, String> headers = headers(item);
    headers.put("Content-Range", "bytes %d-%d/%d".formatted(first, last, length));
    return Reply.of(206, headers, java.util.Arrays.copyOfRange(item.bytes(), first, last + 1));
  }

  private Reply head(Call call) {
    Item item = items.get(call.key());
    return item == null
        ? new Reply(404, Map.of(), new byte[0], 0)
        : new Reply(200, headers(item), new byte[0], item.bytes().length);
  }

  private static Map<String, String> headers(Item item) {
    Map<String, String> headers = new HashMap<>(item.metadata());
    headers.put("ETag", item.etag());
    headers.put(
        "Last-Modified",
        DateTimeFormatter.RFC_1123_DATE_TIME.format(item.modified().atOffset(ZoneOffset.UTC)));
    return headers;
  }

  private Reply list(Call call) {
    String prefix = call.query().getOrDefault("prefix", "");
    String after = call.query().getOrDefault("continuation-token", "");
    StringBuilder xml = new StringBuilder();
    int count = 0;
    String last = "";
    for (Map.Entry<String, Item> entry : listed.tailMap(after, false).entrySet()) {
      if (!entry.getKey().startsWith(prefix)) {
        continue;
      }
      if (count == PAGE) {
        xml.append("<IsTruncated>true</IsTruncated><NextContinuationToken>");
        xml.append(last).append("</NextContinuationToken>");
        break;
      }
      count++;
      last = entry.getKey();
      xml.append(
          "<Contents><Key>%s</Key><Size>%d</Size><LastModified>%s</LastModified></Contents>"
              .formatted(last, entry.getValue().bytes().length, entry.getValue().modified()));
    }
    return xml("ListBucketResult", xml.toString());
  }

  private Reply create(Call call) {
    String id = "multipart-" + next++;
    multiparts.put(id, new Multipart(call.key(), Instant.now(), metadata(call), new TreeMap<>()));
    return xml("InitiateMultipartUploadResult", "<UploadId>" + id + "</UploadId>");
  }

  private Reply copyPart(Call call) {
    Multipart upload = multiparts.get(call.query().get("uploadId"));
    Item source = items.get(source(call));
    if (upload == null || source == null) {
      return Reply.error(404, upload == null ? "NoSuchUpload" : "NoSuchKey");
    }
    Matcher range = RANGE.matcher(call.header("x-amz-copy-source-range"));
    byte[] part =
        range.matches()
            ? java.util.Arrays.copyOfRange(
                source.bytes(),
                Integer.parseInt(range.group(1)),
                Integer.parseInt(range.group(2)) + 1)
            : source.bytes();
    upload.parts().put(Integer.parseInt(call.query().get("partNumber")), part);
    return xml("CopyPartResult", "<ETag>\"" + md5(part) + "\"</ETag>");
  }

  private Reply complete(Call call) {
    Multipart upload = multiparts.get(call.query().get("uploadId"));
    if (upload == null) {
      return Reply.error(404, "NoSuchUpload");
    }
    List<Integer> numbers = new ArrayList<>();
    Matcher part = PART.matcher(new String(call.body(), StandardCharsets.UTF_8));
    while (part.find()) {
      if (part.group(1) != null) {
        numbers.add(Integer.parseInt(part.group(1)));
      }
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    for (int number : numbers) {
      byte[] bytes = upload.parts().get(number);
      if (bytes == null) {
        return Reply.error(400, "InvalidPart");
      }
      if (bytes.length < smallestPart && number != numbers.getLast()) {
        return Reply.error(400, "EntityTooSmall");
      }
      whole.writeBytes(bytes);
    }
    multiparts.remove(call.query().get("uploadId"));
    stored(upload.key(), whole.toByteArray(), upload.metadata());
    return xml("CompleteMultipartUploadResult", "<Key>" + upload.key() + "</Key>");
  }

  private Reply listMultiparts(Call call) {
    StringBuilder xml = new StringBuilder();
    int count = 0;
    String last = call.query().getOrDefault("upload-id-marker", "");
    for (Map.Entry<String, Multipart> entry : multiparts.tailMap(last, false).entrySet()) {
      if (count++ == PAGE) {
        xml.append(
            "<IsTruncated>true</IsTruncated><NextKeyMarker>any</NextKeyMarker><NextUploadIdMarker>%s</NextUploadIdMarker>"
                .formatted(last));
        break;
      }
      last = entry.getKey();
      xml.append(
          "<Upload><Key>%s</Key><UploadId>%s</UploadId><Initiated>%s</Initiated></Upload>"
              .formatted(entry.getValue().key(), last, entry.getValue().begun()));
    }
    return xml("ListMultipartUploadsResult", xml.toString());
  }

  private static String source(Call call) {
    String path = URLDecoder.decode(call.header("x-amz-copy-source"), StandardCharsets.UTF_8);
    return path.replaceFirst("^/?[^/]+/", "");
  }

  private static Map<String, String> metadata(Call call) {
    Map<String, String> metadata = new HashMap<>();
    call.headers()
        .forEach((name, value) -> {
          if (name.startsWith("x-amz-meta-")) {
            metadata.put(name, value);
          }
        });
    return metadata;
  }

  private static Reply xml(String name, String inner) {
    return Reply.of(
        200,
        Map.of("Content-Type", "application/xml"),
        "<%s>%s</%s>".formatted(name, inner, name).getBytes(StandardCharsets.UTF_8));
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
