package dev.bulla.example.hello;

import com.samskivert.mustache.Mustache;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.FilenameUtils;
import org.apache.commons.text.StringEscapeUtils;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/** The web page: a Markdown text with a table of packages, and the files that it refers to. */
final class Page {
  private static final List<TablesExtension> EXTENSIONS =
      List.of((TablesExtension) TablesExtension.create());
  private static final Map<String, String> TYPES =
      Map.of(
          "css",
          "text/css",
          "js",
          "text/javascript",
          "mjs",
          "text/javascript",
          "json",
          "application/json");

  private final Path web;
  private final Packages packages;

  Page(Path web, Packages packages) {
    this.web = web;
    this.packages = packages;
  }

  void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (path.equals("/")) {
        send(exchange, "text/html", html().getBytes(StandardCharsets.UTF_8));
      } else if (path.equals("/packages.csv")) {
        send(exchange, "text/csv", packages.csv().getBytes(StandardCharsets.UTF_8));
      } else {
        sendFile(exchange, web.resolve(path.substring(1)).normalize());
      }
    }
  }

  String html() throws IOException {
    StringBuilder table = new StringBuilder("| package | version | |\n|---|---|---|\n");
    for (Packages.Installed one : packages.all()) {
      table
          .append("| %s | %s | ".formatted(one.name(), one.version()))
          .append(StringEscapeUtils.escapeHtml4(one.description()).replace('|', '/'))
          .append(" |\n");
    }
    String markdown = Files.readString(web.resolve("index.md")) + "\n" + table;
    String body =
        HtmlRenderer.builder()
            .extensions(EXTENSIONS)
            .build()
            .render(Parser.builder().extensions(EXTENSIONS).build().parse(markdown));
    return Mustache.compiler()
        .compile(Files.readString(web.resolve("page.mustache")))
        .execute(Map.of("title", "Hello from Bulla", "body", body));
  }

  private void sendFile(HttpExchange exchange, Path file) throws IOException {
    if (!file.startsWith(web) || !Files.isRegularFile(file)) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    String extension = FilenameUtils.getExtension(file.getFileName().toString());
    send(exchange, TYPES.getOrDefault(extension, "text/plain"), Files.readAllBytes(file));
  }

  private static void send(HttpExchange exchange, String type, byte[] content) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
    exchange.sendResponseHeaders(200, content.length);
    exchange.getResponseBody().write(content);
  }
}
