package dev.bulla.web;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What the server counts, in the text format of Prometheus. Thread-safe. */
final class Metrics implements AutoCloseable {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private record Key(Method method, String pattern, int status) {}

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ConcurrentHashMap<Key, Timer> timers = new ConcurrentHashMap<>();
  private volatile @Nullable JvmGcMetrics gc;
  private final Thread binding = Thread.ofPlatform().daemon().name("metrics").unstarted(this::bind);

  /**
   * Begins to watch the Java runtime. Its management takes a tenth of a server's start, so nobody
   * but a reader of the metrics waits for it.
   */
  void watch() {
    binding.start();
  }

  private void bind() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    JvmGcMetrics collections = new JvmGcMetrics();
    collections.bindTo(registry);
    gc = collections;
  }

  PrometheusMeterRegistry registry() {
    return registry;
  }

  void record(Method method, String pattern, int status, Duration time) {
    timers.computeIfAbsent(new Key(method, pattern, status), this::timer).record(time);
  }

  void handle(Exchange exchange) throws IOException {
    awaitBinding();
    exchange.sendStream(TEXT, registry::scrape);
  }

  private void awaitBinding() {
    try {
      binding.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // what there is will do
    }
  }

  @Override
  public void close() {
    awaitBinding();
    JvmGcMetrics collections = gc;
    if (collections != null) {
      collections.close();
    }
    registry.close();
  }

  private Timer timer(Key key) {
    return Timer.builder("http.server.requests")
        .description("Requests answered, by method, route and status")
        .tag("method", key.method().name())
        .tag("route", key.pattern())
        .tag("status", Integer.toString(key.status()))
        .register(registry);
  }
}
