package dev.bulla.registry;

import dev.bulla.access.AccessTokens;
import dev.bulla.access.Authenticator;
import dev.bulla.access.AzureTokenRoutes;
import dev.bulla.access.Robots;
import dev.bulla.access.ServerToken;
import dev.bulla.access.TokenKeys;
import dev.bulla.registry.azure.AzureRoutes;
import dev.bulla.registry.http.OciErrors;
import dev.bulla.registry.http.RegistryRoutes;
import dev.bulla.registry.http.UpkeepRoutes;
import dev.bulla.store.Blobs;
import dev.bulla.store.Home;
import dev.bulla.store.HomeLock;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import dev.bulla.store.Schema;
import dev.bulla.store.StoreLocations;
import dev.bulla.web.Listener;
import dev.bulla.web.WebServer;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;

/** A whole registry on a home, as the real server composes it. */
final class TrialServer implements AutoCloseable {
  private final HomeLock lock;
  private final Records records;
  private final Blobs blobs;
  private final WebServer web;
  private final Registry registry;
  private final Robots robots;
  private final ServerToken token = ServerToken.random(new SecureRandom());

  private TrialServer(Path directory, int port, StoreLocations stores) {
    Home home = new Home(directory);
    lock = HomeLock.acquire(home);
    try {
      List<Schema> tables = List.of(Registry.SCHEMA, Robots.SCHEMA);
      TrialStores.lay(directory, tables);
      records = stores.openRecords(home, tables);
      blobs = stores.openBlobs(home);
      registry = new Registry(records, blobs, InstantSource.system());
      registry.upkeep().begin();
      SecureRandom random = new SecureRandom();
      robots = new Robots(records, InstantSource.system());
      AccessTokens tokens =
          new AccessTokens(
              new TokenKeys(records, InstantSource.system(), random),
              InstantSource.system(),
              random);
      Authenticator authenticator =
          new Authenticator(token, robots, tokens, InstantSource.system());
      web =
          WebServer.builder()
              .listen(Listener.http("127.0.0.1", port))
              .filter(exchange -> records.changes().refresh())
              .filter(authenticator)
              .guard(authenticator)
              .routes(RegistryRoutes.of(registry))
              .routes(UpkeepRoutes.of(registry, peer -> RepairSource.NONE))
              .errors(RegistryRoutes.PREFIX, new OciErrors())
              .routes(AzureRoutes.of(registry))
              .routes(AzureTokenRoutes.of(authenticator, tokens))
              .errors(AzureRoutes.PREFIX, AzureRoutes.errors())
              .start();
      lock.announce(web.address());
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  static TrialServer start(Path home) {
    return start(home, 0);
  }

  static TrialServer start(Path home, int port) {
    return new TrialServer(home, port, TrialStores.of(home));
  }

  static TrialServer start(Path home, StoreLocations stores) {
    return new TrialServer(home, 0, stores);
  }

  URI address() {
    return web.address();
  }

  Registry registry() {
    return registry;
  }

  ServerToken token() {
    return token;
  }

  Robots robots() {
    return robots;
  }

  Blobs blobs() {
    return blobs;
  }

  Outbox outbox() {
    return new Outbox(records);
  }

  Records records() {
    return records;
  }

  @Override
  public void close() {
    web.close();
    registry.close();
    blobs.close();
    records.close();
    lock.close();
  }
}
