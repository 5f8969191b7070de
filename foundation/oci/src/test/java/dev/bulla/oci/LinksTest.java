package dev.bulla.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LinksTest {

  @Test
  void findsTheNextPage() {
    assertThat(Links.next(List.of("</v2/a/tags/list?n=2&last=b>; rel=\"next\"")))
        .contains("/v2/a/tags/list?n=2&last=b");
    assertThat(Links.next(List.of("</first>; rel=first, </next>;rel=next"))).contains("/next");
    assertThat(Links.next(List.of("</a>; title=\"x\"; rel=\"prev next\""))).contains("/a");
    assertThat(Links.next(List.of("</first>; rel=\"first\"", "</next>; REL=\"NEXT\"")))
        .contains("/next");
  }

  @Test
  void nothingElseIsTheNextPage() {
    assertThat(Links.next(List.of())).isEmpty();
    assertThat(Links.next(List.of("</a>; rel=\"nextdoor\""))).isEmpty();
    assertThat(Links.next(List.of("nonsense; rel=next"))).isEmpty();
  }
}
