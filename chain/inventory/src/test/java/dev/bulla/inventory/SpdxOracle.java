package dev.bulla.inventory;

import java.io.ByteArrayInputStream;
import java.util.List;
import org.spdx.jacksonstore.MultiFormatStore;
import org.spdx.library.SpdxModelFactory;
import org.spdx.library.model.v2.SpdxDocument;
import org.spdx.storage.simple.InMemSpdxStore;

/**
 * The reference implementation's opinion on an SPDX 2.3 document, with the licence list that it
 * carries itself.
 */
final class SpdxOracle {
  private SpdxOracle() {}

  static List<String> problems(byte[] document) throws Exception {
    System.setProperty("org.spdx.useJARLicenseInfoOnly", "true");
    System.setProperty("SPDXParser.OnlyUseLocalLicenses", "true");
    SpdxModelFactory.init();
    try (MultiFormatStore store =
        new MultiFormatStore(new InMemSpdxStore(), MultiFormatStore.Format.JSON)) {
      SpdxDocument parsed = store.deSerialize(new ByteArrayInputStream(document), false);
      return parsed.verify();
    }
  }
}
