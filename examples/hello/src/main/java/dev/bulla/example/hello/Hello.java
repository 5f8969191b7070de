package dev.bulla.example.hello;

import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Greets, and shows what it was shipped with. {@code hello --check} prints one line of JSON and
 * ends; otherwise a web page is served on port 8080, or on the one in {@code PORT}.
 */
public final class Hello {
  private static final Logger LOG = LoggerFactory.getLogger(Hello.class);
  private static final int PORT = 8080;

  private Hello() {}

  public static void main(String[] args) throws Exception {
    Path home =
        Path.of(Hello.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .getParent();
    Packages packages = Packages.installedIn(home.resolve("web/node_modules"));
    if (args.length == 1 && args[0].equals("--check")) {
      System.out.println(check(packages));
      return;
    }
    serve(new Page(home.resolve("web"), packages));
  }

  private static JsonObject check(Packages packages) {
    JsonObject answer = new JsonObject();
    answer.addProperty("greeting", "Hello from Bulla");
    answer.addProperty("packages", packages.all().size());
    answer.addProperty("fingerprint", packages.fingerprint());
    return answer;
  }

  private static void serve(Page page) throws IOException {
    String configured = System.getenv("PORT");
    int port = configured == null ? PORT : Integer.parseInt(configured);
    HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
    server.createContext("/", page::answer);
    server.start();
    LOG.info("listening on port {}", server.getAddress().getPort());
  }
}
