package dev.bulla.registry;

import java.nio.file.Path;

/**
 * A registry in a process of its own: {@code RegistryTrial HOME PORT [collect]}. Prints its address
 * when it is ready, and runs until it is ended.
 */
public final class RegistryTrial {
  private RegistryTrial() {}

  public static void main(String[] args) throws InterruptedException {
    long start = ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli();
    TrialServer server = TrialServer.start(Path.of(args[0]), Integer.parseInt(args[1]));
    Runtime.getRuntime().addShutdownHook(new Thread(server::close));
    System.err.println("token " + server.token().reveal());
    System.err.println("ready after " + (System.currentTimeMillis() - start) + " ms");
    System.out.println(server.address());
    while (args.length > 2) { // collects for as long as it lives
      server.registry().upkeep().collect(CollectionRules.STANDARD, Progress.UNHEARD);
      Thread.sleep(20);
    }
    Thread.currentThread().join();
  }
}
