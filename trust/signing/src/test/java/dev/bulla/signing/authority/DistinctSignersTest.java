package dev.bulla.signing.authority;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.core.claim.TrustDecision.Satisfied;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DistinctSignersTest {
  private static final List<String> AUTHORITIES = List.of("a", "b", "c", "d");
  private static final int SIGNERS = 5;

  @Test
  void theCountIsTheGreatestThatIsPossibleAndGrowsWithEachSignature() {
    Random random = new Random(7);
    for (int round = 0; round < 500; round++) {
      boolean[][] signed = new boolean[AUTHORITIES.size()][SIGNERS];
      DistinctSigners signers = new DistinctSigners();
      int before = 0;
      for (int step = 0; step < 8; step++) {
        int authority = random.nextInt(AUTHORITIES.size());
        int signer = random.nextInt(SIGNERS);
        signed[authority][signer] = true;
        signers.add(
            AUTHORITIES.get(authority),
            "key" + signer,
            Digest.sha256(("" + step).getBytes(StandardCharsets.UTF_8)));
        List<Satisfied> counted = signers.count(AUTHORITIES);
        assertThat(counted).hasSize(greatest(signed, 0, 0)).hasSizeGreaterThanOrEqualTo(before);
        assertThat(counted).extracting(Satisfied::authority).doesNotHaveDuplicates();
        assertThat(counted).extracting(Satisfied::signer).doesNotHaveDuplicates();
        before = counted.size();
      }
    }
  }

  /** By trying everything. */
  private static int greatest(boolean[][] signed, int authority, int taken) {
    if (authority == signed.length) {
      return 0;
    }
    int best = greatest(signed, authority + 1, taken);
    for (int signer = 0; signer < SIGNERS; signer++) {
      if (signed[authority][signer] && (taken & 1 << signer) == 0) {
        best = Math.max(best, 1 + greatest(signed, authority + 1, taken | 1 << signer));
      }
    }
    return best;
  }
}
