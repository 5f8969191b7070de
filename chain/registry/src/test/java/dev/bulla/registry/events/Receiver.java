package dev.bulla.registry.events;

import dev.bulla.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/** Takes messages and answers each with the next status that it was given, 200 after those. */
final class Receiver implements AutoCloseable {
  /** What was posted. */
  record Message(Map<String, String> headers, String text) {
    String header(String name) {
      return headers.getOrDefault(name, "");
    }

    ObjectNode body() {
      return Json.parseObject(text.getBytes(StandardCharsets.UTF_8), "message");
    }

    String type() {
      return body().path("type").asString("");
    }
  }

  private final ServerSocket socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  private final List<Message> messages = new ArrayList<>();
  private final Deque<Integer> answers = new ArrayDeque<>();
  private int last = 200;
  private Runnable beforeAnswer = () -> {};

  Receiver() throws IOException {
    Thread.ofVirtual().start(this::run);
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/hook?from=bulla");
  }

  /**
   * @param statuses 0 ends the connection without an answer
   */
  synchronized void answer(int... statuses) {
    for (int status : statuses) {
      answers.add(status);
    }
  }

  /** What is answered when there is no next status. */
  synchronized void always(int status) {
    last = status;
  }

  /** What happens between a message and its answer. */
  synchronized void beforeAnswer(Runnable what) {
    beforeAnswer = what;
  }

  synchronized List<Message> messages() {
    return List.copyOf(messages);
  }

  /** The subjects of all messages, once there are so many. */
  synchronized List<String> subjects(int count) throws InterruptedException {
    while (messages.size() < count) {
      wait();
    }
    return messages.stream().map(one -> one.body().path("subject").asString("")).toList();
  }

  private void run() {
    while (!socket.isClosed()) {
      try (Socket one = socket.accept()) {
        Message message = read(one.getInputStream());
        int status;
        Runnable before;
        synchronized (this) {
          messages.add(message);
          status = answers.isEmpty() ? last : answers.remove();
          before = beforeAnswer;
          notifyAll();
        }
        before.run();
        if (status > 0) {
          String head =
              "HTTP/1.1 %d X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
          one.getOutputStream().write(head.formatted(status).getBytes(StandardCharsets.US_ASCII));
        }
      } catch (IOException e) {
        // closed, or the sender went away
      }
    }
  }

  private static Message read(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int one = in.read();
      if (one < 0) {
        throw new IOException("no request");
      }
      head.append((char) one);
    }
    Map<String, String> headers = new TreeMap<>();
    for (String line : head.toString().split("\r\n")) {
      int colon = line.indexOf(": ");
      if (colon > 0) {
        headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 2));
      }
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    return new Message(headers, new String(in.readNBytes(length), StandardCharsets.UTF_8));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
