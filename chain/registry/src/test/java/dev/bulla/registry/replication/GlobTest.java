package dev.bulla.registry.replication;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GlobTest {
  @Test
  void patternsOverlapIfANameCouldMatchBoth() {
    String[][] cases = {
      {"team/*", "team/app", "yes"},
      {"team/*", "team/a/b", "no"},
      {"team/**", "team/a/b", "yes"},
      {"team/*", "*/app", "yes"},
      {"team/*", "other/*", "no"},
      {"a*c", "ab*", "yes"},
      {"a*c", "ab*d", "no"},
      {"**", "x", "yes"},
      {"*", "a/b", "no"},
      {"*/**/z", "a*/b/*", "yes"},
      {"team/app", "team/app2", "no"},
      {"**b", "a**", "yes"},
    };
    for (String[] one : cases) {
      Glob left = new Glob(one[0]);
      Glob right = new Glob(one[1]);
      assertThat(left.overlaps(right)).as(one[0] + " " + one[1]).isEqualTo(one[2].equals("yes"));
      assertThat(right.overlaps(left)).as(one[1] + " " + one[0]).isEqualTo(one[2].equals("yes"));
      assertThat(left.overlaps(left)).as(one[0]).isTrue();
    }
  }
}
