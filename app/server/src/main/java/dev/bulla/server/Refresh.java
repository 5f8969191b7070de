package dev.bulla.server;

import dev.bulla.store.Records;
import dev.bulla.web.Exchange;
import dev.bulla.web.Filter;

/** Hears of what other servers changed, before each request, where several share the records. */
record Refresh(Records records) implements Filter {
  @Override
  public void check(Exchange exchange) {
    records.changes().refresh();
  }

  @Override
  public boolean mayWait(Exchange exchange) {
    return records.isShared();
  }
}
